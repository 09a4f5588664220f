import {
  costOf,
  type JobAttempt,
  type JobLease,
  type JobPhase,
  type JobStatus,
  type JobTransfer,
  type JobWait,
  latestAttemptOf,
} from '@gpu-clouds/jobs';
import type { Terminal } from '../terminal.ts';
import { dollars, elapsed, size } from './format.ts';
import { styleOf } from './style.ts';

/** Describes what a run does in each phase. */
export const doing: Readonly<Record<JobPhase, string>> = {
  'finding-offers': 'looking for offers',
  creating: 'creating',
  booting: 'booting',
  uploading: 'uploading files',
  downloading: 'downloading inputs',
  'pulling-image': 'pulling the image',
  'setting-up': 'setting up',
  running: 'running',
  collecting: 'collecting outputs',
  destroying: 'destroying',
  finished: 'finished',
};

/** Returns what a run does now, or waits for. */
export function activityOf({ phase, lease, waiting, transfer }: JobStatus): string {
  if (transfer !== undefined) return `${doing[phase]}: ${amountOf(transfer)}`;
  if (waiting !== undefined) return waitingFor[waiting.reason];
  return lease !== undefined && phase === 'finding-offers' ? 'checking the job' : doing[phase];
}

const waitingFor: Readonly<Record<JobWait['reason'], string>> = {
  budget: 'waiting for the budget',
  'no-offer': 'waiting for an offer',
  lease: 'waiting for the lease',
};

/** Names the GPUs of a run on a lease: `GPUs 0, 1 of the lease mine`. */
export function shareOf({ name, gpus }: JobLease): string {
  return gpus === undefined
    ? `the lease ${name}`
    : `GPU${gpus.length === 1 ? '' : 's'} ${gpus.join(', ')} of the lease ${name}`;
}

function amountOf({ files, totalFiles, bytes, totalBytes }: JobTransfer): string {
  const all = totalBytes === undefined ? '' : ` of ${size(totalBytes)}`;
  return `${files} of ${totalFiles} ${totalFiles === 1 ? 'file' : 'files'}, ${size(bytes)}${all}`;
}

/** Turns successive statuses of a run into lines: one for each instance, each new phase, and each handled failure. */
export function jobProgress(terminal: Pick<Terminal, 'colors'> = {}): (status: JobStatus) => readonly string[] {
  const style = styleOf(terminal, 'note');
  let phase: JobPhase | undefined;
  let instances = 0;
  let failures = 0;
  let attempts = 1;
  let shownWait: string | undefined;
  return (status) => {
    const lines = status.failures.slice(failures).map(({ kind, message }) => style('yellow', `${kind}: ${message}`));
    lines.push(...(status.attempts ?? []).slice(attempts - 1, -1).map((each) => style('yellow', repeated(each))));
    const { waiting } = status;
    const wait = waiting && `${waiting.since} ${waiting.place}`;
    if (waiting !== undefined && wait !== shownWait)
      lines.push(`${style('yellow', activityOf(status))} until ${waiting.until}: ${waiting.message}`);
    shownWait = wait;
    // Between two polls an instance may have passed the creating phase.
    const rented = status.lease === undefined && status.instances.length > instances;
    if (rented && status.phase !== 'creating') lines.push(...creating(status));
    if (status.phase !== phase || (status.phase === 'creating' && rented)) {
      const text = describe(status);
      lines.push(status.phase === 'finished' ? style(status.outcome === 'succeeded' ? 'green' : 'red', text) : text);
    }
    phase = status.phase;
    instances = status.instances.length;
    failures = status.failures.length;
    attempts = latestAttemptOf(status);
    return lines.map((text) => `${style('dim', time(status))}  ${text}`);
  };
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;

/**
 * Returns the line that shows what a run does now: phase, elapsed time, cost so far, and cost limit. Time and cost advance between two
 * statuses.
 */
export function statusLine(
  status: JobStatus,
  cap: number | undefined,
  terminal: Pick<Terminal, 'colors'> = {},
): () => string {
  const style = styleOf(terminal, 'note');
  return () => {
    const now = Date.now();
    const frame = frames[Math.floor(now / frameMs) % frames.length] ?? '';
    const spent = dollars(costOf(status.instances, now));
    const limit = cap === undefined ? 'no cost limit' : `of ${dollars(cap)}`;
    const cost = status.lease === undefined ? `${spent} ${limit}` : `on ${shareOf(status.lease)}`;
    return `${style('cyan', frame)} ${activityOf(status)}  ${elapsed(now - Date.parse(status.startedAt))}  ${cost}`;
  };
}

function time(status: JobStatus): string {
  return `${elapsed(status.elapsedSeconds * 1000).padStart(8)}  ${dollars(status.costSoFar).padStart(8)}`;
}

function describe(status: JobStatus): string {
  const { phase, current, activeInstances, outcome, exitCode, message } = status;
  if (phase === 'finished') {
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
    return `${outcome ?? 'finished'}${code}${message === undefined ? '' : `: ${message}`}`;
  }
  if (current === undefined) return activityOf({ ...status, waiting: undefined });
  const { offer, ssh } = current;
  if (phase === 'creating') return creating(status)[0] ?? doing.creating;
  const others = activeInstances.length > 1 ? ` and ${activeInstances.length - 1} more` : '';
  if (phase === 'destroying') return `destroying ${current.instanceName}${others} at ${offer.vendor}`;
  if (ssh === undefined || phase !== 'uploading') return doing[phase];
  const where = status.lease === undefined ? '' : `, on ${shareOf(status.lease)}`;
  return `${doing[phase]} to ${ssh.user}@${ssh.host}:${ssh.port}${others}${where}`;
}

function repeated({ attempt, exitCode }: JobAttempt): string {
  return `attempt ${attempt} ended with exit code ${exitCode}; attempt ${attempt + 1} begins`;
}

/** Nothing where no instance exists any more. */
function creating({ current, activeInstances }: JobStatus): readonly string[] {
  if (current === undefined) return [];
  const { offer, pricePerHour } = current;
  const nodes = activeInstances.length > 1 ? `${activeInstances.length} instances of ` : '';
  return [
    `creating ${nodes}${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} (${offer.region}), ${dollars(pricePerHour)}/hour${nodes === '' ? '' : ' each'}`,
  ];
}
