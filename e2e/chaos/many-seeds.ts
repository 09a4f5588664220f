import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChaosReport } from './chaos.ts';

const program = fileURLToPath(new URL('../chaos.ts', import.meta.url));

/** The line that it prints. */
export type SeedReport = Omit<ChaosReport, 'problems'>;

/** How one seed came out, or why nobody knows. */
export type SeedResult = { readonly seed: number } & ({ readonly report: SeedReport } | { readonly failure: string });

export interface ManySeeds {
  readonly seeds: readonly number[];
  /** Seeds at a time. While one of them waits, another one works. */
  readonly atOnce: number;
  /** Arguments that all of them get, beside their seed. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  /** Called with each as it comes. */
  readonly onResult: (result: SeedResult) => Promise<void>;
}

/** Runs each seed in a process of its own, just as `pnpm chaos --seed S` would: one that failed fails alone and can be run again alone. */
export async function manySeeds({ seeds, atOnce, args, signal, note, onResult }: ManySeeds): Promise<void> {
  const waiting = [...seeds];
  const lane = async () => {
    for (let seed = waiting.shift(); seed !== undefined && !signal.aborted; seed = waiting.shift()) {
      await onResult(await oneSeed(seed, args, signal, note));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function oneSeed(
  seed: number,
  args: readonly string[],
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<SeedResult> {
  const child = spawn(process.execPath, [program, '--seed', String(seed), ...args], {
    // The channel closes when this process ends, SIGKILL included; it then stops by itself.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C must reach us only: it would otherwise be stopped twice.
    detached: true,
  });
  const exited = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, killed) => resolve(code ?? killed)),
  );
  const abort = () => child.kill('SIGTERM');
  signal.addEventListener('abort', abort, { once: true });
  let last = '';
  const printed: string[] = [];
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      last = line;
      note(`seed ${seed}: ${line}`);
    });
  }
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => printed.push(line));
  const end = await exited;
  signal.removeEventListener('abort', abort);
  const report = reportIn(printed);
  if (report !== undefined) return { seed, report };
  return { seed, failure: `It ended with ${end} and without a result; its last words were: ${last}` };
}

function reportIn(lines: readonly string[]): SeedReport | undefined {
  const line = lines.findLast((one) => one.startsWith('{'));
  return line === undefined ? undefined : JSON.parse(line);
}
