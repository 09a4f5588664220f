import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { FailureKind, JobOutcome, JobPhase } from '@gpu-clouds/jobs/contract';
import { metricMeter } from '@temporalio/workflow';

// The SDK's meter does not count again during a replay.

/** @param kind The failure kind, or `none` if the command ended. */
export function countRun(outcome: JobOutcome, kind: FailureKind | 'none'): void {
  metricMeter.createCounter('gpu_clouds_runs_total', undefined, 'Runs that ended').add(1, { outcome, kind });
}

export function recordPhase(phase: JobPhase, seconds: number): void {
  metricMeter
    .createHistogram('gpu_clouds_phase_seconds', 'float', undefined, 'Seconds that runs spent in a phase')
    .record(Math.max(0, seconds), { phase });
}

/** Records the cost of an instance. The sum of the histogram is the money spent. */
export function recordInstance(vendor: Vendor, dollars: number): void {
  metricMeter
    .createHistogram('gpu_clouds_instance_dollars', 'float', undefined, 'US dollars that an instance of a run cost')
    .record(Math.max(0, dollars), { vendor });
}
