import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseLabel } from '@gpu-clouds/clouds';
import type { Ledger } from '@gpu-clouds/simulators';

/** What the commands of one run wrote down themselves, machine by machine. */
export interface Evidence {
  readonly starts: readonly (Place & { readonly step: string })[];
  /** Commands that came to their end. */
  readonly ends: readonly (Place & { readonly exitCode: number })[];
  /** What setup and command wrote to their output, by machine. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The files that they left to be brought back, by machine. */
  readonly results: ReadonlyMap<string, string>;
}

interface Place {
  readonly machine: string;
  /** Rank among the run's machines. */
  readonly node: number;
}

export async function evidenceFolder(root: string, run: string): Promise<string> {
  const folder = join(root, run);
  await mkdir(folder, { recursive: true });
  return folder;
}

export async function readEvidence(root: string, run: string): Promise<Evidence> {
  const folder = join(root, run);
  const names = await readdir(folder).catch(() => []);
  const filesOf = async (prefix: string) =>
    new Map(
      await Promise.all(
        names
          .filter((name) => name.startsWith(prefix))
          .map(async (name) => [name.slice(prefix.length), await readFile(join(folder, name), 'utf8')] as const),
      ),
    );
  const [starts, ends] = [await linesOf(join(folder, 'starts')), await linesOf(join(folder, 'ends'))];
  return {
    starts: starts.map(([step = '', machine = '', node]) => ({ step, machine, node: Number(node) })),
    ends: ends.map(([machine = '', node, exitCode]) => ({ machine, node: Number(node), exitCode: Number(exitCode) })),
    outputs: await filesOf('output-'),
    results: await filesOf('result-'),
  };
}

/** What a run's containers did: they can write nowhere, but the ledger knows what each deployment was asked and what it answered. */
export function evidenceOfContainers({ deployments }: Ledger, run: string): Evidence {
  const ours = deployments.filter(({ label }) => parseLabel(label)?.run === run);
  const node = 0;
  const answers = ours.flatMap(({ label, answers }) => answers.map((answer) => ({ machine: label, ...answer })));
  const texts = new Map(answers.map(({ machine, body }) => [machine, `${body}\n`]));
  return {
    starts: ours.flatMap(({ label, jobs }) =>
      Array.from({ length: jobs }, () => ({ step: 'command', machine: label, node })),
    ),
    ends: answers.map(({ machine, status }) => ({ machine, node, exitCode: status < 300 ? 0 : 1 })),
    outputs: texts,
    results: texts,
  };
}

async function linesOf(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
}
