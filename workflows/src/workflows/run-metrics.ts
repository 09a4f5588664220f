import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { FailureKind, JobOutcome, JobPhase } from '@gpu-clouds/jobs/contract';
import { metricMeter } from '@temporalio/workflow';

// Not counted again when a workflow is replayed: the SDK's meter sees to that.

/** @param kind Of the failure: `no-offer`, `cap-reached`, …; `none` for a run whose command ended. */
export function countRun(outcome: JobOutcome, kind: FailureKind | 'none'): void {
  metricMeter.createCounter('gpu_clouds_runs_total', undefined, 'Runs that ended').add(1, { outcome, kind });
}

export function recordPhase(phase: JobPhase, seconds: number): void {
  metricMeter
    .createHistogram('gpu_clouds_phase_seconds', 'float', undefined, 'Seconds that runs spent in a phase')
    .record(Math.max(0, seconds), { phase });
}

/** The sum of the histogram is the money spent. */
export function recordInstance(vendor: Vendor, dollars: number): void {
  metricMeter
    .createHistogram('gpu_clouds_rental_dollars', 'float', undefined, 'US dollars that an instance of a run cost')
    .record(Math.max(0, dollars), { vendor });
}
