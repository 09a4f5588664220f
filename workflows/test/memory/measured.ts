/** A process of its own, with `--expose-gc`: says to its parent how far its memory grew with each {@link Attempt}, and how that ended. */
import { readFileSync, writeFileSync } from 'node:fs';
import { outcomeOf, type Victim } from './victims.ts';

/** What the process is asked to do. */
export interface Attempt {
  readonly victim: Victim;
  readonly port: number;
}

/** What an attempt came to. */
export interface Cost {
  /** MiB of memory at its peak beyond those before. */
  readonly mib: number;
  /** The result or the failure in words. */
  readonly outcome: string;
}

/** Figures of this process in MiB. VmHWM is the most that VmRSS has been since it was reset: proc(5). */
function memory(figure: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${figure}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

async function costOf({ victim, port }: Attempt): Promise<Cost> {
  globalThis.gc?.();
  writeFileSync('/proc/self/clear_refs', '5');
  const before = memory('VmRSS');
  const outcome = await outcomeOf(victim, port);
  return { mib: Math.round(memory('VmHWM') - before), outcome };
}

process.on('message', async (attempt: Attempt) => process.send?.(await costOf(attempt)));
