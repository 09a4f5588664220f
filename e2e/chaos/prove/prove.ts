import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deviationsOf } from '../judge.ts';
import { oneProgram } from '../many-seeds.ts';
import { inColumns } from '../markdown-table.ts';
import { bundleInto } from '../stack.ts';
import { failedTests } from './failed-tests.ts';
import { EditError, MutatedCopy } from './mutated-copy.ts';
import type { DrilledMutation, Mutation, TestedMutation } from './mutation.ts';
import { mutations } from './mutations.ts';

/** Options of {@link prove}. */
export interface ProveOptions {
  /** File of `pnpm chaos`, which runs a drill with `--drill`. */
  readonly program: string;
  /** Number of mutations that run at the same time. */
  readonly atOnce: number;
  /** Only defects that match this regular expression. Default: all. */
  readonly only?: string | undefined;
  /** File for the Markdown table. Default: no table. */
  readonly report?: string | undefined;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** What became of one mutation. */
interface Proof {
  readonly mutation: Mutation;
  /** Deviations that the harness counted, by figure, or failed tests. */
  readonly counted: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Why there is no report, if so. */
  readonly failure?: string | undefined;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Puts each known defect back into a copy of the product, and runs a drill or a test on it.
 * @returns whether every defect was noticed, by the expected figure or a failed test
 */
export async function prove(options: ProveOptions): Promise<boolean> {
  const { atOnce, only = '', signal, note } = options;
  const pattern = new RegExp(only);
  const wanted = mutations.filter(({ defect }) => pattern.test(defect));
  const folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-prove-'));
  const bundle = await bundleInto(folder);
  const waiting = [...wanted];
  const proofs: Proof[] = [];
  const lane = async () => {
    const copy = await MutatedCopy.create(root);
    try {
      for (let mutation = waiting.shift(); mutation !== undefined && !signal.aborted; mutation = waiting.shift()) {
        const proof = await proofOf(mutation, copy, { ...options, bundle });
        proofs.push(proof);
        note(
          `${proofs.length}/${wanted.length}  ${isCaught(proof) ? 'caught' : 'MISSED'}  ${mutation.defect}: ${resultOf(proof)}`,
        );
        if (options.report !== undefined) await writeFile(options.report, reportOf(proofs));
      }
    } finally {
      await copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, wanted.length) }, lane));
  await rm(folder, { recursive: true });
  console.log(reportOf(proofs));
  return proofs.length === wanted.length && wanted.length > 0 && proofs.every(isCaught);
}

async function proofOf(
  mutation: Mutation,
  copy: MutatedCopy,
  options: ProveOptions & { readonly bundle: string },
): Promise<Proof> {
  const begin = Date.now();
  try {
    const found = await (mutation.test === undefined
      ? copy.with(mutation.edits, () => drilled(mutation, copy, options))
      : tested(mutation, copy, options.signal));
    return { mutation, ...found, seconds: secondsSince(begin) };
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    return { mutation, counted: {}, failure: error.message, seconds: secondsSince(begin) };
  }
}

/** A test that fails anyway would prove nothing. */
async function tested(
  { test, edits }: TestedMutation,
  copy: MutatedCopy,
  signal: AbortSignal,
): Promise<Pick<Proof, 'counted' | 'failure'>> {
  const failed = () => failedTests(copy.root, test, signal);
  const before = await failed();
  if (before > 0) return { counted: {}, failure: `${before} tests of ${test.file} fail without the defect` };
  return { counted: { 'failed tests': await copy.with(edits, failed) } };
}

async function drilled(
  mutation: DrilledMutation,
  copy: MutatedCopy,
  options: ProveOptions & { readonly bundle: string },
): Promise<Pick<Proof, 'counted' | 'failure'>> {
  const program = join(copy.root, relative(root, options.program));
  const args = ['--drill', mutation.fault ?? 'none', '--drill-run', JSON.stringify(mutation.run ?? {})];
  if (!mutation.edits.some(({ file }) => isBundled(file))) args.push('--bundle', options.bundle);
  const note = (line: string) => options.note(`    ${line}`);
  const result = await oneProgram({ program, args, signal: options.signal, note });
  return 'report' in result ? { counted: deviationsOf(result.report) } : { counted: {}, failure: result.failure };
}

/** Whether the bundle of the workflow code may contain a file. */
function isBundled(file: string): boolean {
  return /^(workflows\/src\/(workflows|final-failure)|packages\/(jobs|clouds)\/src\/[^/]*)/.test(file);
}

function secondsSince(begin: number): number {
  return Math.round((Date.now() - begin) / 1000);
}

function isCaught({ mutation, counted }: Proof): boolean {
  return (counted[mutation.test === undefined ? mutation.counter : 'failed tests'] ?? 0) > 0;
}

function resultOf({ counted, failure }: Proof): string {
  const found = Object.entries(counted).map(([figure, count]) => `${figure} ${Math.round(count * 1e4) / 1e4}`);
  return failure ?? (found.join(', ') || 'nothing');
}

function reportOf(proofs: readonly Proof[]): string {
  const inOrder = mutations.flatMap((mutation) => proofs.find((proof) => proof.mutation === mutation) ?? []);
  const rows = inOrder.map((proof) => {
    const { defect, fault = 'none', test, ...mutation } = proof.mutation;
    const noticedBy = test?.file ?? ('counter' in mutation ? mutation.counter : '');
    const found = isCaught(proof) ? noticedBy : `missed: ${resultOf(proof)}`;
    return [defect, test === undefined ? fault : '', found, String(proof.seconds)];
  });
  return [
    '# Chaos finds known defects',
    '',
    '`pnpm chaos --prove` puts each defect back into a copy of the product, runs a job at each vendor with one fault class, and requires that the',
    'named figure is not zero. [chaos.md](chaos.md) explains the figures. Where no job shows the defect, the named test must fail.',
    '',
    `${proofs.filter(isCaught).length} of ${proofs.length} defects were caught, in ${proofs.reduce((sum, { seconds }) => sum + seconds, 0)} s altogether.`,
    '',
    ...inColumns([['defect', 'fault class', 'figure or test that caught it', 'seconds'], ...rows]),
    '',
  ].join('\n');
}
