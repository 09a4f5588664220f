import { deviationsOf, type Figures, figures, isClean, noDeviation, type Verdict } from './judge.ts';
import type { SeedResult } from './many-seeds.ts';
import { inColumns } from './markdown-table.ts';

/** Sum of the reports of several seeds. */
export interface SumOfSeeds extends Omit<Verdict, 'problems'> {
  readonly seeds: number;
  readonly runs: number;
  readonly reaped: number;
  /** Seeds with a figure that is not zero, or without a report. */
  readonly failedSeeds: readonly number[];
}

/** Adds up the reports of several seeds. */
export function sumOf(results: readonly SeedResult[]): SumOfSeeds {
  const reports = results.flatMap((result) => ('report' in result ? [result.report] : []));
  const total = (of: (report: (typeof reports)[number]) => number) => reports.reduce((sum, one) => sum + of(one), 0);
  const outcomes: Record<string, number> = {};
  for (const [outcome, count] of reports.flatMap((report) => Object.entries(report.outcomes))) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
  }
  return {
    seeds: results.length,
    runs: total(({ runs }) => runs),
    outcomes,
    leaked: {
      instances: total(({ leaked }) => leaked.instances),
      keys: total(({ leaked }) => leaked.keys),
      volumes: total(({ leaked }) => leaked.volumes),
      jobDeployments: total(({ leaked }) => leaked.jobDeployments),
    },
    ...sumOfFigures(reports),
    reaped: total(({ reaped }) => reaped),
    failedSeeds: results.filter((result) => !('report' in result && isClean(result.report))).map(({ seed }) => seed),
  };
}

function sumOfFigures(reports: readonly Figures[]): Figures {
  const sum = { ...noDeviation };
  for (const report of reports) for (const name of figures) sum[name] += report[name];
  return sum;
}

/**
 * Creates a Markdown page with one row per seed, their sum, and what was wrong. No line is longer than 160 characters.
 * @param facts Facts about the measurement, by name.
 */
export function tableOf(results: readonly SeedResult[], facts: Readonly<Record<string, string>>): string {
  const inOrder = [...results].sort((a, b) => a.seed - b.seed);
  const sum = sumOf(results);
  const rows = inOrder.map((result) =>
    'report' in result
      ? row(String(result.seed), result.report, String(result.report.seconds))
      : [String(result.seed), '', '', '', 'no result', '', ''],
  );
  const outcomes = Object.entries(sum.outcomes).sort(([, a], [, b]) => b - a);
  return [
    '# Chaos, seed by seed',
    '',
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    `- outcomes: ${outcomes.map(([outcome, count]) => `${count} ${outcome}`).join(', ')}`,
    ...inOrder.flatMap(wrongWith),
    '',
    ...inColumns([
      ['seed', 'runs', 'succeeded', 'other outcomes', 'wrong', 'reaped', 'seconds'],
      ...rows,
      row('all', sum, ''),
    ]),
    '',
  ]
    .flatMap(wrapped)
    .join('\n');
}

function row(name: string, sum: Omit<SumOfSeeds, 'seeds' | 'failedSeeds'>, seconds: string): readonly string[] {
  const { runs, reaped, outcomes } = sum;
  const { succeeded = 0 } = outcomes;
  const wrong = Object.keys(deviationsOf(sum)).length;
  return [name, runs, succeeded, runs - succeeded, wrong, reaped, seconds].map(String);
}

function wrongWith(result: SeedResult): readonly string[] {
  if ('failure' in result) return [`- wrong with seed ${result.seed}: ${result.failure}`];
  const wrong = Object.entries(deviationsOf(result.report)).map(([figure, count]) => `${figure} ${count}`);
  return wrong.length === 0 ? [] : [`- wrong with seed ${result.seed}: ${wrong.join(', ')}`];
}

const maxColumns = 160;

/** Breaks a line of a list at spaces. */
function wrapped(line: string): readonly string[] {
  const end = line.lastIndexOf(' ', maxColumns);
  if (line.length <= maxColumns || end <= 2) return [line];
  return [line.slice(0, end), ...wrapped(`  ${line.slice(end + 1)}`)];
}
