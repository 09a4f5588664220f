import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInstanceName } from '@gpu-clouds/clouds';
import type { Ledger } from '@gpu-clouds/simulators';

/** What the commands of one run wrote down themselves, instance by instance. */
export interface Evidence {
  readonly starts: readonly (Place & { readonly step: string })[];
  /** Commands that came to their end. */
  readonly ends: readonly (Place & { readonly exitCode: number })[];
  /** What setup and command wrote to their output, by instance. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The files that they left to be brought back, by instance. */
  readonly results: ReadonlyMap<string, string>;
}

interface Place {
  readonly instance: string;
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
    starts: starts.map(([step = '', instance = '', node]) => ({ step, instance, node: Number(node) })),
    ends: ends.map(([instance = '', node, exitCode]) => ({ instance, node: Number(node), exitCode: Number(exitCode) })),
    outputs: await filesOf('output-'),
    results: await filesOf('result-'),
  };
}

/** What a run's containers did: they can write nowhere, but the ledger knows what each fleet was asked and what it answered. */
export function evidenceOfContainers({ jobDeployments }: Ledger, run: string): Evidence {
  const ours = jobDeployments.filter(({ name: instanceName }) => parseInstanceName(instanceName)?.run === run);
  const node = 0;
  const answers = ours.flatMap(({ name: instanceName, answers }) =>
    answers.map((answer) => ({ instance: instanceName, ...answer })),
  );
  const texts = new Map(answers.map(({ instance, body }) => [instance, `${body}\n`]));
  return {
    starts: ours.flatMap(({ name: instanceName, jobs }) =>
      Array.from({ length: jobs }, () => ({ step: 'command', instance: instanceName, node })),
    ),
    ends: answers.map(({ instance, status }) => ({ instance, node, exitCode: status < 300 ? 0 : 1 })),
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
