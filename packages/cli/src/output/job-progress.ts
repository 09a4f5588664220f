import type { JobPhase, JobStatus } from '@gpu-clouds/jobs';
import { dollars, elapsed } from './format.ts';

/** What a run does in a phase. */
export const doing: Readonly<Record<JobPhase, string>> = {
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

/** Turns successive statuses of a run into lines: one for each machine, each phase that begins and each failure that was dealt with. */
export function jobProgress(): (status: JobStatus) => readonly string[] {
  let phase: JobPhase | undefined;
  let machines = 0;
  let failures = 0;
  return (status) => {
    const lines = status.failures.slice(failures).map(({ kind, message }) => `${kind}: ${message}`);
    // A machine may be past its creation by the time anybody looks.
    if (status.rentals.length > machines && status.phase !== 'creating') lines.push(...machine(status));
    if (status.phase !== phase || (status.phase === 'creating' && status.rentals.length > machines)) {
      lines.push(describe(status));
    }
    phase = status.phase;
    machines = status.rentals.length;
    failures = status.failures.length;
    return lines.map((text) => line(status, text));
  };
}

function line(status: JobStatus, text: string): string {
  return `${elapsed(status.elapsedSeconds * 1000).padStart(8)}  ${dollars(status.costSoFar).padStart(8)}  ${text}`;
}

function describe({ phase, current, machines, outcome, exitCode, message }: JobStatus): string {
  if (phase === 'finished') {
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
    return `${outcome ?? 'finished'}${code}${message === undefined ? '' : `: ${message}`}`;
  }
  if (current === undefined) return doing[phase];
  const { offer, ssh } = current;
  if (phase === 'creating') return machine({ current, machines })[0] ?? doing.creating;
  const others = machines.length > 1 ? ` and ${machines.length - 1} more` : '';
  if (phase === 'destroying') return `destroying ${current.label}${others} at ${offer.vendor}`;
  return ssh === undefined || phase !== 'uploading'
    ? doing[phase]
    : `${doing[phase]} to ${ssh.user}@${ssh.host}:${ssh.port}${others}`;
}

function machine({
  current,
  machines,
}: {
  readonly current?: JobStatus['current'] | undefined;
  readonly machines: JobStatus['machines'];
}): readonly string[] {
  if (current === undefined) return [];
  const { offer, pricePerHour } = current;
  const nodes = machines.length > 1 ? `${machines.length} machines of ` : '';
  return [
    `creating ${nodes}${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} (${offer.region}), ${dollars(pricePerHour)}/hour${nodes === '' ? '' : ' each'}`,
  ];
}
