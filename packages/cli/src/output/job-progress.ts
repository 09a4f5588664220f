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
import { dollars, elapsed, moment, size } from './format.ts';
import { styleOf } from './style.ts';
import { wrapped } from './width.ts';

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

interface Line {
  readonly text: string;
  /** When it happened, in ISO 8601. Default: now. */
  readonly at?: string | undefined;
}

/**
 * Turns successive statuses of a run into lines: one for each instance, each new phase, and each handled failure.
 * @param withoutReason Whether the last line leaves out why the run failed.
 */
export function jobProgress(
  terminal: Pick<Terminal, 'colors' | 'columns'> = {},
  withoutReason = false,
): (status: JobStatus) => readonly string[] {
  const style = styleOf(terminal, 'note');
  let phase: JobPhase | undefined;
  let instances = 0;
  let failures = 0;
  let attempts = 1;
  let shownWait: string | undefined;
  return (status) => {
    const warning = (text: string, at: string | undefined): Line => ({ text: style('yellow', text), at });
    const lines = status.failures.slice(failures).map(({ kind, message, at }) => warning(`${kind}: ${message}`, at));
    lines.push(...(status.attempts ?? []).slice(attempts - 1, -1).map((each) => warning(repeated(each), each.until)));
    const { waiting } = status;
    const wait = waiting && `${waiting.since} ${waiting.place}`;
    if (waiting !== undefined && wait !== shownWait)
      lines.push({ text: `${style('yellow', activityOf(status))} until ${moment(waiting.until)}: ${waiting.message}` });
    shownWait = wait;
    // Between two polls an instance may have passed the creating phase.
    if (status.lease === undefined && status.instances.length > instances) lines.push(...creating(status));
    if (status.phase !== phase && status.phase !== 'creating') {
      const text = describe(withoutReason ? { ...status, message: undefined } : status);
      const color = status.outcome === 'succeeded' ? 'green' : 'red';
      lines.push(status.phase === 'finished' ? { text: style(color, text) } : { text, at: status.phaseSince });
    }
    phase = status.phase;
    instances = status.instances.length;
    failures = status.failures.length;
    attempts = latestAttemptOf(status);
    const now = Date.parse(status.startedAt) + status.elapsedSeconds * 1000;
    const moments = lines.map(({ text, at }) => ({ text, at, order: at === undefined ? now : Date.parse(at) }));
    return moments
      .toSorted((a, b) => a.order - b.order)
      .map(({ text, at }) => {
        const when = time(status, at);
        return `${style('dim', when)}  ${wrapped(text, when.length + 2, terminal.columns)}`;
      });
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

/** Columns with the time since the start, and the cost until then. */
function time({ startedAt, elapsedSeconds, costSoFar, instances }: JobStatus, at: string | undefined): string {
  const [milliseconds, cost] =
    at === undefined
      ? [elapsedSeconds * 1000, costSoFar]
      : [Date.parse(at) - Date.parse(startedAt), costOf(instances, Date.parse(at))];
  return `${elapsed(milliseconds).padStart(8)}  ${dollars(cost).padStart(8)}`;
}

function describe(status: JobStatus): string {
  const { phase, current, activeInstances, outcome, exitCode, message } = status;
  if (phase === 'finished') {
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
    return `${outcome ?? 'finished'}${code}${message === undefined ? '' : `: ${message}`}`;
  }
  if (current === undefined) return activityOf({ ...status, waiting: undefined });
  const { offer, ssh } = current;
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
function creating({ current, activeInstances }: JobStatus): readonly Line[] {
  if (current === undefined) return [];
  const { offer, pricePerHour, since } = current;
  const [nodes, each] = activeInstances.length > 1 ? [`${activeInstances.length} instances of `, ' each'] : ['', ''];
  const what = `${nodes}${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} (${offer.region})`;
  return [{ at: since, text: `creating ${what}, ${dollars(pricePerHour)}/hour${each}` }];
}
