import { setTimeout as delay } from 'node:timers/promises';
import type { Cloud } from '@gpu-clouds/clouds';
import { parseLabel } from '@gpu-clouds/clouds/pure';
import type { MetricMeter } from '@temporalio/common';

export interface CensusOptions {
  readonly clouds: Iterable<Cloud>;
  readonly deployment: string;
  readonly meter: MetricMeter;
  /** Milliseconds between two counts: one list call each per cloud, and one more where it has job deployments. Default a minute. */
  readonly intervalMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Counts the deployment's machines, and its job deployments, by what the clouds themselves list and bill, until the signal. A cloud that
 * does not answer keeps its last count.
 */
export async function countMachines({
  clouds,
  deployment,
  meter,
  intervalMs = 60_000,
  signal,
}: CensusOptions): Promise<void> {
  const gauge = meter.createGauge('gpu_clouds_machines', 'int', undefined, 'Machines that the clouds list now');
  const each = [...clouds];
  while (!signal.aborted) {
    await Promise.all(
      each.map(async (cloud) => {
        const { vendor, jobs } = cloud;
        const count = (what: string, labels: readonly (string | undefined)[] | undefined) => {
          const ours = labels?.filter((label) => label !== undefined && parseLabel(label)?.deployment === deployment);
          if (ours !== undefined) gauge.set(ours.length, { vendor, what });
        };
        const [instances, deployments] = await Promise.all([
          cloud.listInstances({ signal }).catch(() => undefined),
          jobs?.list({ signal }).catch(() => undefined),
        ]);
        const there = instances?.filter(({ status }) => status !== 'gone');
        count(
          'instance',
          there?.map(({ label }) => label),
        );
        count('deployment', deployments);
      }),
    );
    await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
