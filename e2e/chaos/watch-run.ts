import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jobHandle, type RunStore } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { checkpointFile, flaggedMark, hasCheckpoint, storedMark } from './job-of-run.ts';
import type { PlannedRun } from './plan.ts';
import type { StoredCheckpoint } from './run-record.ts';

/** What is seen of a run while it lasts. */
export interface Watched {
  readonly stored: StoredCheckpoint[];
  /** Whether the product showed that the GPUs were idle. */
  flagged: boolean;
}

const everyMs = 500;

/**
 * Watches what the product stores and shows of a run. Marks in the evidence let its command go on: jobs of the kind `resumes` fail once they
 * have a checkpoint, and those of the kind `idle-warned` end once they are flagged.
 * @param folder Folder of the run's evidence.
 */
export async function watchRun(
  plan: PlannedRun,
  { client, runs, folder, over }: { client: Client; runs: RunStore; folder: string; over: AbortSignal },
): Promise<Watched> {
  const watched: Watched = { stored: [], flagged: false };
  const mark = (name: string) => writeFile(join(folder, name), '');
  const seen = new Set<string>();
  while (!over.aborted) {
    if (hasCheckpoint(plan)) {
      const found = await newCheckpoint(runs, plan.id, seen).catch(() => undefined);
      if (found !== undefined) watched.stored.push(found);
      if (found !== undefined && watched.stored.length === 1) await mark(storedMark);
    }
    if (plan.kind === 'idle-warned' && !watched.flagged) {
      // Temporal may be away.
      const status = await jobHandle(client, plan.id)
        .status()
        .catch(() => undefined);
      watched.flagged = status?.idleGpus !== undefined;
      if (watched.flagged) await mark(flaggedMark);
    }
    await delay(everyMs, undefined, { signal: over }).catch(() => undefined);
  }
  return watched;
}

/** Returns a stored checkpoint that was not seen before. It may be replaced while it is read. */
async function newCheckpoint(runs: RunStore, id: string, seen: Set<string>): Promise<StoredCheckpoint | undefined> {
  for await (const { path } of runs.listFiles(id, 'checkpoints')) {
    if (seen.has(path)) continue;
    const pieces: Uint8Array[] = [];
    for await (const piece of runs.readFile(id, path)) pieces.push(piece);
    const seenAt = Date.now();
    seen.add(path);
    const [, by = '', step] = / on (\S+) at (\d+) /.exec(contentIn(Buffer.concat(pieces))) ?? [];
    return step === undefined ? undefined : { by, step: Number(step), seenAt };
  }
  return undefined;
}

/** A tar archive consists of blocks, and the content of a file follows the one with its name. */
const blockBytes = 512;

/** Returns the first line of the checkpoint in an archive. */
function contentIn(archive: Buffer): string {
  for (let at = 0; at < archive.length; at += blockBytes) {
    const name = `./${checkpointFile}\0`;
    if (archive.toString('latin1', at, at + name.length) !== name) continue;
    return archive.toString('latin1', at + blockBytes, at + 2 * blockBytes).split('\n', 1)[0] ?? '';
  }
  return '';
}
