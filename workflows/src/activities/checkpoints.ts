import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { download, MissingFileError, upload } from '../ssh/transfer.ts';
import type { CheckpointInput, KeepCheckpointsInput, RestoredCheckpoint } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { finalFailure } from './failures.ts';
import { withHeartbeats } from './heartbeats.ts';
import { MachineAccess } from './machine-access.ts';

/**
 * Saves the folder of the machine again and again until it is cancelled. A save that does not work out is no reason to end a job: it is
 * logged, and the next one is made in time.
 */
export function keepCheckpoints(dependencies: Dependencies) {
  return async ({ everySeconds, ...input }: KeepCheckpointsInput): Promise<void> => {
    const access = new MachineAccess(dependencies, input.machine);
    const keep = async () => {
      for (;;) {
        await sleep(everySeconds * 1000);
        try {
          await saveCheckpoint(dependencies, access, input);
        } catch (error) {
          if (error instanceof CancelledFailure || cancellationSignal().aborted) throw error;
          log.warn('A checkpoint could not be saved', { run: input.run, error: String(error) });
        }
        heartbeat(access.reached);
      }
    };
    await withHeartbeats(keep, () => access.reached);
  };
}

/** Puts the latest checkpoint of the run on the machine. Undefined when there is none. */
export function restoreCheckpoint(dependencies: Dependencies) {
  return async ({ run, machine, folder }: CheckpointInput): Promise<RestoredCheckpoint | undefined> => {
    const access = new MachineAccess(dependencies, machine);
    const restore = async () => {
      const at = (await savedAt(dependencies, run)).at(-1);
      if (at === undefined) return undefined;
      const saved = join(folderOf(dependencies, run), String(at));
      await access.session((session) =>
        upload(session, saved, folder).catch((error: unknown) => {
          throw error instanceof MissingFileError ? finalFailure('missing-checkpoint', error.message) : error;
        }),
      );
      return { savedAt: new Date(at).toISOString() };
    };
    return withHeartbeats(restore, () => access.reached);
  };
}

/** Of a run that needs them no more. */
export function dropCheckpoints(dependencies: Dependencies) {
  return async (run: string): Promise<void> => {
    await withHeartbeats(() => rm(folderOf(dependencies, run), { recursive: true, force: true }));
  };
}

/** Each has a folder of its own, which has its name only once it is whole. The latest stays until the next is. */
async function saveCheckpoint(
  dependencies: Dependencies,
  access: MachineAccess,
  input: CheckpointInput,
): Promise<void> {
  const { run, folder } = input;
  const into = folderOf(dependencies, run);
  await mkdir(into, { recursive: true });
  const before = await savedAt(dependencies, run);
  // Later than all, whatever this worker's clock says.
  const at = Math.max(dependencies.now(), (before.at(-1) ?? 0) + 1);
  const saved = await access.session((session) =>
    download(session, folder, into, String(at), { whileWritten: true }).then(
      () => true,
      (error: unknown) => {
        // The command has not made it yet.
        if (error instanceof MissingFileError) return false;
        throw error;
      },
    ),
  );
  if (!saved) return;
  // Those before, and what was left of saves that were cut short.
  const others = (await readdir(into)).filter((name) => name !== String(at));
  await Promise.all(others.map((name) => rm(join(into, name), { recursive: true, force: true })));
}

/** Milliseconds since the epoch of the whole checkpoints of a run, oldest first. */
async function savedAt(dependencies: Dependencies, run: string): Promise<readonly number[]> {
  const names = await readdir(folderOf(dependencies, run)).catch(() => []);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

function folderOf({ runs }: Dependencies, run: string): string {
  return join(runs.outputsFolder(run), '.checkpoints');
}
