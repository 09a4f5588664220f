import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the commands of one run wrote down themselves, machine by machine. */
export interface Evidence {
  readonly starts: readonly { readonly step: string; readonly machine: string }[];
  /** Commands that came to their end. */
  readonly ends: readonly { readonly machine: string; readonly exitCode: number }[];
  /** What setup and command wrote to their output. */
  readonly outputs: ReadonlyMap<string, string>;
  /** The files that they left to be brought back. */
  readonly results: ReadonlyMap<string, string>;
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
  const ends = await linesOf(join(folder, 'ends'));
  return {
    starts: (await linesOf(join(folder, 'starts'))).map(([step = '', machine = '']) => ({ step, machine })),
    ends: ends.map(([machine = '', exitCode]) => ({ machine, exitCode: Number(exitCode) })),
    outputs: await filesOf('output-'),
    results: await filesOf('result-'),
  };
}

async function linesOf(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
}
