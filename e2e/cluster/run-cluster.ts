import { chaos } from '../chaos/chaos.ts';
import { isClean, type Verdict } from '../chaos/judge.ts';
import { startPostgres } from './postgres.ts';
import { batchItems, expectedOutcomes, suiteFaults, suitePlan, suiteProblems } from './suite.ts';
import { prepareDatabases, temporalCluster } from './temporal-cluster.ts';
import { temporalPrograms } from './temporal-programs.ts';

/** Options of {@link runCluster}. */
export interface ClusterOptions {
  /** Keep logs and outputs even when nothing is wrong. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** Result of the suite on a cluster. */
export interface ClusterReport extends Verdict {
  readonly runs: number;
  /** Additional runs that belong to the batch. */
  readonly batchItems: number;
  /** Faults that were injected. */
  readonly killed: readonly string[];
  readonly reaped: number;
  /** Seconds to download or build missing programs, and to prepare PostgreSQL. */
  readonly preparationSeconds: number;
  /** Duration of the suite in seconds. */
  readonly seconds: number;
  readonly versions: Readonly<Record<'temporal' | 'postgres' | 'node', string>>;
}

/** Runs the suite on a temporary cluster. @throws {ClusterError} when the cluster cannot be set up */
export async function runCluster({ keep, signal, note }: ClusterOptions): Promise<ClusterReport> {
  const begin = Date.now();
  const programs = await temporalPrograms(note);
  const postgres = await startPostgres(note);
  try {
    await prepareDatabases(programs, postgres);
    const startTemporal = await temporalCluster(programs, postgres);
    const preparationSeconds = Math.round((Date.now() - begin) / 100) / 10;
    const plan = suitePlan();
    const runs = plan.runs.length;
    const { seed, faults, ...report } = await chaos({
      runs,
      seed: 1,
      faults: suiteFaults,
      concurrency: 6,
      keep,
      signal,
      note,
      plan,
      startTemporal,
      alongside: suiteProblems,
      secretFreePaths: [postgres.folder],
    });
    const problems = [...report.problems, ...unexpected(report.outcomes)];
    if (!isClean(report) && problems.length === 0) problems.push('a figure of the report is not zero');
    const versions = { temporal: programs.version, postgres: postgres.version, node: process.versions.node };
    const killed = plan.faults.map(({ action }) => action.what);
    return { ...report, batchItems: batchItems.length, killed, problems, preparationSeconds, versions };
  } finally {
    await postgres.close();
  }
}

function unexpected(outcomes: Readonly<Record<string, number>>): readonly string[] {
  const kinds = new Set([...Object.keys(outcomes), ...Object.keys(expectedOutcomes)]);
  return [...kinds].flatMap((kind) => {
    const [were, expected] = [outcomes[kind] ?? 0, expectedOutcomes[kind] ?? 0];
    return were === expected ? [] : [`${were} runs ended as "${kind}", expected ${expected}`];
  });
}
