import { setTimeout as delay } from 'node:timers/promises';
import type { Cloud } from '@gpu-clouds/clouds';
import { parseLabel } from '@gpu-clouds/clouds/pure';
import type { MetricMeter } from '@temporalio/common';

export interface CensusOptions {
  readonly clouds: Iterable<Cloud>;
  readonly deployment: string;
  readonly meter: MetricMeter;
  /** Milliseconds between two counts: one list call per cloud each. Default a minute. */
  readonly intervalMs?: number;
  readonly signal: AbortSignal;
}

/** Counts the deployment's machines by what the clouds themselves list and bill, until the signal. A cloud that does not answer keeps its last count. */
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
        const listed = await cloud.listInstances({ signal }).catch(() => undefined);
        const ours = listed?.filter(({ label, status }) => isOurs(label, deployment) && status !== 'gone');
        if (ours !== undefined) gauge.set(ours.length, { vendor: cloud.vendor });
      }),
    );
    await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function isOurs(label: string, deployment: string): boolean {
  return parseLabel(label)?.deployment === deployment;
}
