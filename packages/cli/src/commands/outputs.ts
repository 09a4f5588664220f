import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RunStore, StoredFile } from '@gpu-clouds/jobs';
import { CliError } from '../cli-error.ts';
import { size } from '../output/format.ts';
import { noFilesNote, type RunWithoutFiles } from '../output/no-files.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { runStore } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import { writeError } from '../write-error.ts';

export interface OutputsOptions {
  /** Folder to copy the files to. */
  readonly to?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Lists the files that a run brought back, or copies them to a folder, from the run store (GPU_CLOUDS_RUNS). Files keep their execute bit.
 * @throws {CliError} when the run store has no files of the run, unless it has ended without any
 */
export async function outputs(id: string, { to, json }: OutputsOptions, terminal: Terminal): Promise<void> {
  const runs = await runStore(terminal);
  const files: StoredFile[] = [];
  for await (const file of runs.listFiles(id, 'outputs'))
    files.push({ ...file, path: file.path.replace('outputs/', '') });
  if (files.length === 0) {
    terminal.note(noFilesNote(id, await withoutFiles(id, terminal)));
    return;
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (to !== undefined) for (const { path } of files) await copyFile(runs, id, path, join(to, path), terminal);
  if (json) for (const file of files) terminal.out(JSON.stringify(file));
  else if (to === undefined) terminal.out(filesTable(files, terminal));
  else {
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    terminal.note(`Copied ${files.length === 1 ? '1 file' : `${files.length} files`}, ${size(bytes)}, to ${to}.`);
  }
}

async function withoutFiles(id: string, terminal: Terminal): Promise<RunWithoutFiles> {
  const [{ JobFailedError, JobNotFoundError, jobHandle }, { TemporalUnreachableError, withTemporal }] =
    await Promise.all([import('@gpu-clouds/jobs'), import('../temporal.ts')]);
  try {
    return await withTemporal(terminal, async (client): Promise<RunWithoutFiles> => {
      const run = jobHandle(client, id);
      const status = await run.status();
      if (status.phase !== 'finished') return { status };
      const result = await run.result().catch((error: unknown) => {
        if (error instanceof JobFailedError) return undefined;
        throw error;
      });
      return { status, result };
    });
  } catch (error) {
    if (error instanceof TemporalUnreachableError) return { temporal: 'unreachable' };
    if (error instanceof JobNotFoundError) return { temporal: 'no such run' };
    throw error;
  }
}

/**
 * Copies one file that a run brought back, until the signal aborts.
 * @param path The path below the run's outputs.
 * @throws {CliError} when something other than a file is at the target
 */
export async function copyFile(
  runs: Pick<RunStore, 'statFile' | 'readFile'>,
  id: string,
  path: string,
  target: string,
  { signal }: Pick<Terminal, 'signal'>,
): Promise<void> {
  signal.throwIfAborted();
  const stored = `outputs/${path}`;
  const { executable = false } = (await runs.statFile(id, stored)) ?? {};
  try {
    await mkdir(dirname(target), { recursive: true });
    // A write to a named pipe could block the process for good: no signal would end it.
    const existing = await stat(target).catch(() => undefined);
    if (existing?.isFile() === false)
      throw new CliError(`${target} exists and is not a file. Remove it, or name another folder with --to.`);
    const file = createWriteStream(target, { mode: executable ? 0o777 : 0o666 });
    await pipeline(runs.readFile(id, stored), file, { signal });
  } catch (error) {
    throw writeError(target, error, 'Name another folder with --to.');
  }
}

function filesTable(files: readonly StoredFile[], terminal: Terminal): string {
  return table(
    files,
    [
      { title: 'SIZE', value: (file) => size(file.size), align: 'right' },
      { title: 'FILE', value: ({ path }) => path },
    ],
    { style: styleOf(terminal) },
  );
}
