import { startSupervised } from '@gpu-clouds/dev';
import type { ChaosReport } from './chaos.ts';

/** The line that it prints. */
export type SeedReport = Omit<ChaosReport, 'problems'>;

/** How one seed came out, or why nobody knows. */
export type SeedResult = { readonly seed: number } & ({ readonly report: SeedReport } | { readonly failure: string });

export interface ManySeeds {
  /** File of the program that runs one seed. */
  readonly program: string;
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
export async function manySeeds({ seeds, atOnce, signal, onResult, ...how }: ManySeeds): Promise<void> {
  const waiting = [...seeds];
  const lane = async () => {
    for (let seed = waiting.shift(); seed !== undefined && !signal.aborted; seed = waiting.shift()) {
      await onResult(await oneSeed(seed, { ...how, signal }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

async function oneSeed(
  seed: number,
  { program, args, signal, note }: Pick<ManySeeds, 'program' | 'args' | 'signal' | 'note'>,
): Promise<SeedResult> {
  let last = '';
  const printed: string[] = [];
  const onLine = (line: string, stream: 'stdout' | 'stderr') => {
    if (stream === 'stdout') return printed.push(line);
    last = line;
    note(`seed ${seed}: ${line}`);
  };
  const child = startSupervised(process.execPath, [program, '--seed', String(seed), ...args], {
    // It stops a dozen processes in order.
    graceSeconds: 60,
    onLine,
  });
  const abort = () => void child.close();
  signal.addEventListener('abort', abort, { once: true });
  const end = await child.exited;
  signal.removeEventListener('abort', abort);
  const report = reportIn(printed);
  if (report !== undefined) return { seed, report };
  return { seed, failure: `It ended with ${end} and without a result; its last words were: ${last}` };
}

function reportIn(lines: readonly string[]): SeedReport | undefined {
  const line = lines.findLast((one) => one.startsWith('{'));
  return line === undefined ? undefined : JSON.parse(line);
}
