import { cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { pathFor } from '../ssh/share.ts';
import { lookThere, MissingFileError, packThere, unpackThere } from '../ssh/transfer.ts';
import type { CheckpointInput, KeepCheckpointsInput, RestoredCheckpoint } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { withHeartbeats } from './heartbeats.ts';
import { InstanceAccess } from './instance-access.ts';

/**
 * Saves the folder of the instance again and again until it is cancelled. A save that does not work out is no reason to end a job: it is
 * logged, and the next one is made in time.
 */
export function keepCheckpoints(dependencies: Dependencies) {
  return async ({ everySeconds, ...rest }: KeepCheckpointsInput): Promise<void> => {
    const input = { ...rest, folder: pathFor(rest.instance, rest.folder) };
    const access = new InstanceAccess(dependencies, input);
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

/** Puts the latest checkpoint of the run on the instance. Undefined when there is none. */
export function restoreCheckpoint(dependencies: Dependencies) {
  return async (input: CheckpointInput): Promise<RestoredCheckpoint | undefined> => {
    const { run, instance } = input;
    const folder = pathFor(instance, input.folder);
    const access = new InstanceAccess(dependencies, input);
    const restore = async () => {
      const at = (await savedAt(dependencies, run)).at(-1);
      if (at === undefined) return undefined;
      await access.session((session) => unpackThere(session, dependencies.runs.readFile(run, archiveOf(at)), folder));
      return { savedAt: new Date(at).toISOString() };
    };
    return withHeartbeats(restore, () => access.reached);
  };
}

/** Of a run that needs them no more. */
export function dropCheckpoints(dependencies: Dependencies) {
  return async (run: string): Promise<void> => {
    await withHeartbeats(() => dependencies.runs.removeFiles(run, 'checkpoints'));
  };
}

/** Each is one archive, which is there once it is whole. The latest stays until the next is. */
async function saveCheckpoint(
  dependencies: Dependencies,
  access: InstanceAccess,
  { run, folder }: CheckpointInput,
): Promise<void> {
  const { runs, now } = dependencies;
  const before = await savedAt(dependencies, run);
  // Later than all, whatever this worker's clock says.
  const at = Math.max(now(), (before.at(-1) ?? 0) + 1);
  const saved = await access.session(async (session) => {
    try {
      if ((await lookThere(session, folder)) !== 'folder') return false;
    } catch (error) {
      // The command has not made it yet.
      if (error instanceof MissingFileError) return false;
      throw error;
    }
    await packThere(session, folder, (archive) => runs.putFile(run, archiveOf(at), archive));
    return true;
  });
  if (saved) await Promise.all(before.map((older) => runs.removeFiles(run, archiveOf(older))));
}

function archiveOf(at: number): string {
  return `checkpoints/${at}.tar`;
}

/** Milliseconds since the epoch of the checkpoints of a run, oldest first. */
async function savedAt({ runs }: Dependencies, run: string): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { path } of runs.listFiles(run, 'checkpoints')) {
    const [, at] = /^checkpoints\/(\d+)\.tar$/.exec(path) ?? [];
    if (at !== undefined) found.push(Number(at));
  }
  return found.toSorted((a, b) => a - b);
}
