import type { JobPhase, JobStatus } from '@gpu-clouds/workflows';
import { dollars, elapsed } from './format.ts';

const doing: Readonly<Record<JobPhase, string>> = {
  'finding-offers': 'looking for offers',
  creating: 'creating',
  booting: 'booting',
  uploading: 'uploading files',
  'setting-up': 'setting up',
  running: 'running',
  collecting: 'collecting outputs',
  destroying: 'destroying',
  finished: 'finished',
};

/** Turns successive statuses of a run into lines: one for each phase that begins and each failure that was dealt with. */
export function jobProgress(): (status: JobStatus) => readonly string[] {
  let seen: { phase: JobPhase; machines: number } | undefined;
  let failures = 0;
  return (status) => {
    const lines = status.failures.slice(failures).map((failure) => line(status, `${failure.message}`));
    failures = status.failures.length;
    if (seen?.phase !== status.phase || seen.machines !== status.rentals.length) {
      lines.push(line(status, describe(status)));
    }
    seen = { phase: status.phase, machines: status.rentals.length };
    return lines;
  };
}

function line(status: JobStatus, text: string): string {
  return `${elapsed(status.elapsedSeconds * 1000).padStart(8)}  ${dollars(status.costSoFar).padStart(8)}  ${text}`;
}

function describe({ phase, current, outcome, exitCode, message }: JobStatus): string {
  if (phase === 'finished') {
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
    return `${outcome ?? 'finished'}${code}${message === undefined ? '' : `: ${message}`}`;
  }
  if (current === undefined) return doing[phase];
  const { offer, pricePerHour, ssh } = current;
  if (phase === 'creating') {
    return `creating ${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} in ${offer.region}, ${dollars(pricePerHour)}/hour`;
  }
  if (phase === 'destroying') return `destroying ${current.label} at ${offer.vendor}`;
  return ssh === undefined || phase !== 'uploading'
    ? doing[phase]
    : `${doing[phase]} to ${ssh.user}@${ssh.host}:${ssh.port}`;
}
