import { startSupervised } from '@gpu-clouds/dev';
import type { ChaosReport } from './chaos.ts';
import { compileCache } from './stack.ts';

/** Report of one seed, as printed on one line of JSON. */
export type SeedReport = Omit<ChaosReport, 'problems'>;

/** Result of one seed: its report, or why it has none. */
export type SeedResult = { readonly seed: number } & ({ readonly report: SeedReport } | { readonly failure: string });

/** Options of {@link manySeeds}. */
export interface ManySeeds {
  /** File of the program that runs one seed. */
  readonly program: string;
  readonly seeds: readonly number[];
  /** Number of seeds that run at the same time. */
  readonly atOnce: number;
  /** Arguments of every seed besides `--seed`. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  /** Called with each result. */
  readonly onResult: (result: SeedResult) => Promise<void>;
}

/** Runs each seed in its own process, as `pnpm chaos --seed S` does. A failed seed does not affect the others and can be repeated alone. */
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
  const withSeed = ['--seed', String(seed), ...args];
  return {
    seed,
    ...(await oneProgram({ program, args: withSeed, signal, note: (line) => note(`seed ${seed}: ${line}`) })),
  };
}

/** Runs chaos in a process of its own. @returns its report, or why it has none */
export async function oneProgram({
  program,
  args,
  signal,
  note,
}: Pick<ManySeeds, 'program' | 'args' | 'signal' | 'note'>): Promise<
  { readonly report: SeedReport } | { readonly failure: string }
> {
  let last = '';
  const printed: string[] = [];
  const onLine = (line: string, stream: 'stdout' | 'stderr') => {
    if (stream === 'stdout') return printed.push(line);
    last = line;
    note(line);
  };
  const child = startSupervised(process.execPath, [program, ...args], {
    env: { ...process.env, ...compileCache },
    // The program stops a dozen processes in order.
    graceSeconds: 60,
    onLine,
  });
  const abort = () => void child.close();
  signal.addEventListener('abort', abort, { once: true });
  const end = await child.exited;
  signal.removeEventListener('abort', abort);
  const report = reportIn(printed);
  if (report !== undefined) return { report };
  return { failure: `The process exited with ${end} without a report. Its last line of output: ${last}` };
}

function reportIn(lines: readonly string[]): SeedReport | undefined {
  const line = lines.findLast((one) => one.startsWith('{'));
  return line === undefined ? undefined : JSON.parse(line);
}
