import type { JobPhase, JobStatus } from '@gpu-clouds/jobs';
import { dollars } from './format.ts';
import { doing, shareOf } from './job-progress.ts';

interface Moment {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly what: string;
}

/** Returns everything that the status of a run dates, oldest first. */
export function timeline(status: JobStatus): readonly Moment[] {
  const { startedAt, instances, lease, failures, stopRequestedAt } = status;
  const at = (time: string, what: string): Moment => ({ at: Date.parse(time), what });
  const moments = [
    at(startedAt, 'started'),
    ...instances.flatMap(({ since, until, offer, pricePerHour }) => [
      at(
        since,
        lease === undefined
          ? `creating ${offer.gpuCount}x ${offer.gpu} at ${offer.vendor}, ${offer.region}, ${dollars(pricePerHour)}/hour`
          : `began on ${shareOf(lease)}`,
      ),
      ...(until === undefined
        ? []
        : [at(until, lease === undefined ? `instance at ${offer.vendor} is gone` : 'left the lease')]),
    ]),
    ...failures.map(({ at: time, vendor, kind, message }) => at(time, `failover from ${vendor}: ${kind}: ${message}`)),
    ...(stopRequestedAt === undefined ? [] : [at(stopRequestedAt, 'stop requested')]),
    ...phaseStarts(status),
  ];
  return moments.toSorted((a, b) => a.at - b.at);
}

/** Each phase directly follows the one before. */
function phaseStarts({
  startedAt,
  phase,
  phaseSince,
  phases = [],
  outcome,
  instances,
  activeInstances,
}: JobStatus): readonly Moment[] {
  const past: { readonly phase: JobPhase; readonly at: number }[] = [];
  let from = Date.parse(startedAt);
  for (const { phase: one, seconds } of phases) {
    past.push({ phase: one, at: from });
    from += seconds * 1000;
  }
  // The entries of the instances say when they were created.
  const pastShown = past.filter((one) => one.phase !== 'creating' || instances.length === 0);
  const current = { at: Date.parse(phaseSince), what: phase === 'finished' ? (outcome ?? 'finished') : doing[phase] };
  return [
    ...pastShown.map((one) => ({ at: one.at, what: doing[one.phase] })),
    ...(phase === 'creating' && activeInstances.length > 0 ? [] : [current]),
  ];
}
