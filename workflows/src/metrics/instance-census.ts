import { setTimeout as delay } from 'node:timers/promises';
import type { Cloud } from '@gpu-clouds/clouds';
import { parseInstanceName } from '@gpu-clouds/clouds/pure';
import type { MetricMeter } from '@temporalio/common';

export interface CensusOptions {
  readonly clouds: Iterable<Cloud>;
  readonly fleet: string;
  readonly meter: MetricMeter;
  /** Milliseconds between counts. A count makes one list call per cloud, plus one for job deployments. Default 60,000. */
  readonly intervalMs?: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Counts the fleet's instances and job deployments that the clouds list, until the signal aborts. If a cloud does not answer, its last count
 * stays.
 */
export async function countInstances({
  clouds,
  fleet,
  meter,
  intervalMs = 60_000,
  signal,
}: CensusOptions): Promise<void> {
  const gauge = meter.createGauge('gpu_clouds_instances', 'int', undefined, 'Instances that the clouds list now');
  const each = [...clouds];
  while (!signal.aborted) {
    await Promise.all(
      each.map(async (cloud) => {
        const { vendor, jobs } = cloud;
        const count = (what: string, instanceNames: readonly (string | undefined)[] | undefined) => {
          const ours = instanceNames?.filter(
            (instanceName) => instanceName !== undefined && parseInstanceName(instanceName)?.fleet === fleet,
          );
          if (ours !== undefined) gauge.set(ours.length, { vendor, what });
        };
        const [instances, jobDeployments] = await Promise.all([
          cloud.listInstances({ signal }).catch(() => undefined),
          jobs?.list({ signal }).catch(() => undefined),
        ]);
        const there = instances?.filter(({ status }) => status !== 'gone');
        count(
          'instance',
          there?.map(({ name: instanceName }) => instanceName),
        );
        count('job-deployment', jobDeployments);
      }),
    );
    await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
