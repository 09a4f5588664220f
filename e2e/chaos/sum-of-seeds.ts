import { type Figures, figures, isClean, noDeviation, type Verdict } from './judge.ts';
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
 * Creates a Markdown page with one row per seed and a row with their sum.
 * @param facts Facts about the measurement, by name.
 */
export function tableOf(results: readonly SeedResult[], facts: Readonly<Record<string, string>>): string {
  const rows = [...results]
    .sort((a, b) => a.seed - b.seed)
    .map((result) =>
      'report' in result
        ? row(String(result.seed), result.report, result.report.seconds)
        : [String(result.seed), '', result.failure.replaceAll('|', '/'), 'no result', '', ''],
    );
  return [
    '# Chaos, seed by seed',
    '',
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    '',
    ...inColumns([
      ['seed', 'runs', 'outcomes', 'wrong', 'reaped', 'seconds'],
      ...rows,
      row('all', sumOf(results), undefined),
    ]),
    '',
  ].join('\n');
}

function row(
  name: string,
  figuresOf: Omit<SumOfSeeds, 'seeds' | 'failedSeeds'>,
  seconds: number | undefined,
): readonly string[] {
  const outcomes = Object.entries(figuresOf.outcomes)
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${count} ${outcome}`);
  const { instances, keys, volumes, jobDeployments } = figuresOf.leaked;
  const wrong = [
    ['leaked', instances + keys + volumes + jobDeployments] as const,
    ...figures.map((name) => [name, figuresOf[name]] as const),
  ]
    .filter(([, count]) => count !== 0)
    .map(([figure, count]) => `${figure} ${count}`);
  const { runs, reaped } = figuresOf;
  return [name, runs, outcomes.join(', '), wrong.join(', ') || '0', reaped, seconds ?? ''].map(String);
}
