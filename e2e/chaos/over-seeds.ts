import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FaultClass } from './faults/index.ts';
import { manySeeds, type SeedResult } from './many-seeds.ts';
import { bundleInto } from './stack.ts';
import { sumOf, tableOf } from './sum-of-seeds.ts';

/** Options of {@link chaosOverSeeds}. */
export interface OverSeedsOptions {
  readonly seeds: readonly number[];
  /** File of the program that runs one seed: `pnpm chaos` itself. */
  readonly program: string;
  readonly atOnce: number;
  readonly runs: number;
  readonly concurrency: number;
  readonly faults: ReadonlySet<FaultClass>;
  readonly keep: boolean;
  readonly bundle?: string | undefined;
  /** File for the Markdown table. Default: no table. */
  readonly report?: string | undefined;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** Runs several seeds. Prints a line of JSON per seed and one with their sum. @returns whether every seed was clean */
export async function chaosOverSeeds(options: OverSeedsOptions): Promise<boolean> {
  const { program, seeds, atOnce, signal, note } = options;
  const begin = Date.now();
  const seconds = () => Math.round((Date.now() - begin) / 100) / 10;
  const facts = await circumstances();
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-chaos-seeds-'));
  const results: SeedResult[] = [];
  try {
    const bundle = options.bundle ?? (await bundleInto(folder));
    const onResult = async (result: SeedResult) => {
      results.push(result);
      console.log(JSON.stringify('report' in result ? result.report : result));
      note(`${results.length} of ${seeds.length} seeds after ${seconds()} s`);
      const measured = { ...facts, 'wall time': `${seconds()} s for ${results.length} of ${seeds.length} seeds` };
      if (options.report !== undefined) await writeFile(options.report, tableOf(results, measured));
    };
    await manySeeds({ program, seeds, atOnce, signal, note, onResult, args: argumentsOf(options, bundle) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const sum = sumOf(results);
  console.log(JSON.stringify({ ...sum, seconds: seconds() }));
  return sum.failedSeeds.length === 0 && results.length === seeds.length;
}

function argumentsOf({ runs, concurrency, faults, keep }: OverSeedsOptions, bundle: string): readonly string[] {
  const list = faults.size === 0 ? 'none' : [...faults].join(',');
  const values = { runs: String(runs), concurrency: String(concurrency), faults: list, bundle };
  return [...Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]), ...(keep ? ['--keep'] : [])];
}

async function circumstances(): Promise<Record<string, string>> {
  const commit = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD']).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
  return {
    command: `\`pnpm chaos ${process.argv.slice(2).join(' ')}\``,
    commit: `\`${commit}\``,
    computer: `${cpus().length} CPUs, ${platform()} ${arch()}, Node ${process.versions.node}; load average at start: ${loadavg()[0]?.toFixed(1)}`,
  };
}
