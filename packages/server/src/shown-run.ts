import type { Offer } from '@gpu-clouds/clouds/pure';
import {
  costCapOf,
  costOf,
  type Job,
  type JobBill,
  type JobInstance,
  type JobStatus,
  type ListedJob,
} from '@gpu-clouds/jobs';
import type { z } from '@hono/zod-openapi';
import type { run, runSummary, startSteps } from './schemas.ts';

type Limits = Job['limits'];
type Summary = z.output<typeof runSummary>;

/** Returns what a list shows of a run. Fields are named one by one, so that what a later version adds is not given away unseen. */
export function shownSummary({ status, tags, batch, schedule }: ListedJob, limits: Limits): Summary {
  const { id, name, phase, message, waiting, nodes, costSoFar, elapsedSeconds, startedAt, exitCode } = status;
  const { current = status.instances.at(-1) } = status;
  return {
    id,
    name,
    state: phase === 'finished' ? (status.outcome ?? 'failed') : phase,
    ended: phase === 'finished',
    message,
    waiting,
    nodes,
    instance: current && shownOffer(current.offer),
    pricePerHour: status.activeInstances.reduce((sum, { pricePerHour }) => sum + pricePerHour, 0),
    cost: costSoFar,
    maxCost: costCapOf(limits, status),
    elapsedSeconds,
    startedAt,
    exitCode,
    tags,
    batch,
    schedule,
  };
}

/** Returns what the page of a run shows. */
export function shownRun(job: ListedJob, limits: Limits): z.output<typeof run> {
  const { status } = job;
  const phases = phasesOf(status);
  return {
    ...shownSummary(job, limits),
    maxDuration: limits.maxDuration,
    phaseSince: status.phaseSince,
    phases,
    timeToStart: timeToStart(phases, status),
    failures: status.failures.map(({ at, vendor, kind, message, offer }) => ({
      at,
      vendor,
      kind,
      message,
      offer: offer && { ...shownOffer(offer), pricePerHour: offer.pricePerHour },
    })),
    instances: status.instances.map(shownInstance),
    attempts: status.attempts ?? [],
    idleDollars: status.idleDollars,
    setupExitCode: status.setupExitCode,
    stopRequestedAt: status.stopRequestedAt,
    restoredFrom: status.restoredFrom,
  };
}

function shownOffer({ vendor, region, gpu, gpuCount, spot }: Offer) {
  return { vendor, region, gpu, gpuCount, spot };
}

function shownInstance(instance: JobInstance) {
  const { instanceName, node, offer, pricePerHour, since, until, ssh, teardownStuckSince, accountSuspectSince } =
    instance;
  return {
    ...shownOffer(offer),
    instanceName,
    node,
    pricePerHour,
    cost: costOf([instance], Date.now()),
    since,
    until,
    ssh: ssh && `${ssh.user}@${ssh.host}:${ssh.port}`,
    teardownStuckSince,
    accountSuspectSince,
  };
}

type Phases = JobBill['phases'];

/** Adds the phase that is under way to those that have ended. */
function phasesOf({ phase, phaseSince, phases = [], instances }: JobStatus): Phases {
  if (phase === 'finished') return phases;
  const now = Date.now();
  const from = Date.parse(phaseSince);
  return [...phases, { phase, seconds: Math.max(0, (now - from) / 1000), dollars: costOf(instances, now, from) }];
}

const stepOf: Partial<Record<Phases[number]['phase'], (typeof startSteps)[number]>> = {
  'finding-offers': 'capacity',
  creating: 'capacity',
  booting: 'boot',
  uploading: 'setup',
  'pulling-image': 'setup',
  'setting-up': 'setup',
};

/** Adds up the time before the command by who should look. `booting` ends once SSH answers; from `runningSince` on, only SSH is missing. */
function timeToStart(phases: Phases, { startedAt, instances }: JobStatus) {
  const seconds = { capacity: 0, boot: 0, ssh: 0, setup: 0 };
  let from = Date.parse(startedAt);
  for (const { phase, seconds: length } of phases) {
    const to = from + length * 1000;
    const step = stepOf[phase];
    const ssh = step === 'boot' ? sshSeconds(instances, from, to) : 0;
    if (step !== undefined) seconds[step] += length - ssh;
    seconds.ssh += ssh;
    from = to;
  }
  return (['capacity', 'boot', 'ssh', 'setup'] as const).map((step) => ({ step, seconds: seconds[step] }));
}

function sshSeconds(instances: readonly JobInstance[], from: number, to: number): number {
  const running = instances
    .map(({ runningSince }) => Date.parse(runningSince ?? ''))
    .filter((since) => since >= from && since <= to);
  return running.length === 0 ? 0 : (to - Math.max(...running)) / 1000;
}
