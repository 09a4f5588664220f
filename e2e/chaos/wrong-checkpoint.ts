import type { CheckpointNote } from './evidence.ts';
import type { BilledItem } from './over-cap.ts';
import type { RunRecord } from './run-record.ts';

type Restored = Extract<CheckpointNote, { readonly run: string }>;

/**
 * Returns what is wrong with a checkpoint that a command of the run found, or undefined when nothing is: it is torn, no earlier command of the
 * run wrote it, or the run store had a newer one before the instance was created.
 */
export function wrongCheckpoint(run: RunRecord, items: readonly BilledItem[]): string | undefined {
  const { checkpoints = [] } = run.evidence;
  for (const [index, note] of checkpoints.entries()) {
    const wrong = wrongOrigin(note, checkpoints.slice(0, index)) ?? newerOne(note, run, items);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function wrongOrigin(note: CheckpointNote, before: readonly CheckpointNote[]): string | undefined {
  if (note.what === 'torn') return `its command found a torn checkpoint on ${note.instance}`;
  if (note.what !== 'restored') return undefined;
  const found = `its command on ${note.instance} found the checkpoint ${note.step} of ${note.run} on ${note.by}`;
  const origin = before[positionIn(before, note)];
  if (origin === undefined) return `${found}, which none of its commands had written`;
  // That of the first node is saved for all nodes.
  return note.by === note.instance || origin.node === 0 ? undefined : `${found}, which is node ${origin.node}`;
}

/** A run that was reset knows nothing of its earlier instances, and one whose earlier command succeeded may have dropped its checkpoints. */
function newerOne(note: CheckpointNote, run: RunRecord, items: readonly BilledItem[]): string | undefined {
  if (note.what === 'wrote' || run.applied.has('reset') || run.lease !== undefined) return undefined;
  const { checkpoints = [], starts, ends } = run.evidence;
  const startOf = (instance: string) =>
    starts.findIndex((start) => start.step === 'command' && start.instance === instance);
  const begun = startOf(note.instance);
  if (ends.some(({ instance, exitCode }) => exitCode === 0 && startOf(instance) < begun)) return undefined;
  const createdAt = items.find(({ vendor, id }) => note.instance.startsWith(`${vendor}-${id}@`))?.createdAt;
  if (createdAt === undefined) return undefined;
  const position = note.what === 'restored' ? positionIn(checkpoints, note) : -1;
  const newer = run.stored?.find(
    (stored) => stored.seenAt < Date.parse(createdAt) && positionIn(checkpoints, stored) > position,
  );
  if (newer === undefined) return undefined;
  const found = note.what === 'restored' ? `the checkpoint ${note.step} of ${note.by}` : 'no checkpoint';
  return `its command on ${note.instance} found ${found}, although ${newer.step} of ${newer.by} was stored`;
}

/** Checkpoints are in the order in which they were written. */
function positionIn(
  notes: readonly CheckpointNote[],
  wanted: Pick<Restored, 'by' | 'step'> & { run?: string },
): number {
  return notes.findLastIndex(
    (note) =>
      note.what === 'wrote' &&
      note.by === wanted.by &&
      note.step === wanted.step &&
      (wanted.run === undefined || note.run === wanted.run),
  );
}
