import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseInstanceName } from '@gpu-clouds/clouds';
import type { Ledger } from '@gpu-clouds/simulators';
import { runKey } from './run-key.ts';

/** Records that the commands of one run wrote, by instance. Independent of the workflows. */
export interface Evidence {
  readonly starts: readonly (OnInstance & { readonly step: string })[];
  /** Commands that reached their end. */
  readonly ends: readonly (OnInstance & { readonly exitCode: number })[];
  /** Output of setup and command, by instance. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Content of the result file, by instance. */
  readonly results: ReadonlyMap<string, string>;
  /** Files that commands found where they were to be downloaded to, with their SHA-256. */
  readonly inputs?: readonly { readonly instance: string; readonly file: string; readonly sha256: string }[];
  /** Files of instances that contain a signed link, or the password of a registry. */
  readonly secretFiles?: readonly string[];
  /** What commands noted of their checkpoints, in order. */
  readonly checkpoints?: readonly CheckpointNote[] | undefined;
  /** When commands on a lease had which of its GPUs. */
  readonly uses?: readonly UseOfGpus[];
}

/** What a command did with a checkpoint, or that it found none. */
export type CheckpointNote = OnInstance &
  (
    | { readonly what: 'nothing' }
    | {
        /** It wrote one, found one that is whole, or one that is not. */
        readonly what: 'wrote' | 'restored' | 'torn';
        /** The run whose checkpoint it is, as its command named it. */
        readonly run: string;
        /** The instance of the command that wrote it. */
        readonly by: string;
        readonly step: number;
      }
  );

/** The GPUs of a lease that a command had. */
export interface UseOfGpus {
  /** The simulated instance. Different uses of it have different names in the other fields of the evidence. */
  readonly instance: string;
  readonly gpus: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** Undefined if the command did not reach its end. */
  readonly to?: number | undefined;
}

interface OnInstance {
  readonly instance: string;
  /** Rank among the instances of the run. */
  readonly node: number;
}

/** Creates the folder for the evidence of a run. */
export async function evidenceFolder(root: string, run: string): Promise<string> {
  const folder = join(root, run);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Reads how far the commands of a run have come. */
export async function readProgress(root: string, run: string): Promise<Pick<Evidence, 'starts' | 'ends'>> {
  const [starts, ends] = await Promise.all(['starts', 'ends'].map((name) => linesOf(join(root, run, name))));
  return {
    starts: (starts ?? []).map(([step = '', instance = '', node]) => ({ step, instance, node: Number(node) })),
    ends: (ends ?? []).map(([instance = '', node, code]) => ({ instance, node: Number(node), exitCode: Number(code) })),
  };
}

/** Reads the evidence that the commands of a run wrote. */
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
  return {
    ...(await readProgress(root, run)),
    outputs: await filesOf('output-'),
    results: await filesOf('result-'),
    inputs: (await linesOf(join(folder, 'inputs'))).map(([instance = '', file = '', sha256 = '']) => ({
      instance,
      file,
      sha256,
    })),
    secretFiles: (await linesOf(join(folder, 'secret-files'))).flat(),
    checkpoints: (await linesOf(join(folder, 'checkpoints'))).map(checkpointNote),
    uses: usesIn(await linesOf(join(folder, 'uses'))),
  };
}

function checkpointNote([what, instance = '', node, run = '', by = '', step]: readonly string[]): CheckpointNote {
  const where = { instance, node: Number(node) };
  if (what === 'nothing') return { what, ...where };
  return { what: what === 'wrote' || what === 'restored' ? what : 'torn', ...where, run, by, step: Number(step) };
}

function usesIn(lines: readonly (readonly string[])[]): readonly UseOfGpus[] {
  const begins = lines.filter(([, , what]) => what === 'begin');
  return begins.map(([instance = '', use, , from, gpus = '']) => {
    const end = lines.find(([, other, what]) => other === use && what === 'end');
    return { instance, gpus: gpus.split(','), from: Number(from), to: end && Number(end[3]) };
  });
}

/** Derives evidence from the ledger for runs on job deployments: containers cannot write files, but the ledger records their jobs and answers. */
export function evidenceOfContainers({ jobDeployments }: Ledger, run: string): Evidence {
  const ours = jobDeployments.filter(({ name }) => parseInstanceName(name)?.run === runKey(run));
  const node = 0;
  const answers = ours.flatMap(({ name, answers }) => answers.map((answer) => ({ instance: name, ...answer })));
  const texts = new Map(answers.map(({ instance, body }) => [instance, `${body}\n`]));
  return {
    starts: ours.flatMap(({ name, jobs }) =>
      Array.from({ length: jobs }, () => ({ step: 'command', instance: name, node })),
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
