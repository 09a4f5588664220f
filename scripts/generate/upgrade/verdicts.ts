import { isDeepStrictEqual } from 'node:util';
import type { PatchRun, PatchRuns } from './patch-runs.ts';
import { depthAt, type Place, valueAt } from './place.ts';

export type Verdict = 'applies' | 'already fixed upstream' | 'matches nothing' | 'no longer fits';

/** Whether an action is still needed, and whether it still does the same. */
export interface PatchState {
  readonly index: number;
  readonly target: string;
  readonly reason?: string | undefined;
  readonly verdict: Verdict;
  /** Why the verdict is not `applies`. */
  readonly message?: string | undefined;
  /** Nodes that the target selects in the new document only. */
  readonly newlySelected: readonly Place[];
  /** Nodes that the target selects in the old document only. */
  readonly noLongerSelected: readonly Place[];
}

const verdicts: Readonly<Record<PatchRun['status'], Verdict>> = {
  applied: 'applies',
  'no-match': 'matches nothing',
  'no-change': 'already fixed upstream',
  'type-mismatch': 'no longer fits',
  'match-count': 'no longer fits',
};

/** Judges each action of an overlay against a newer published document. */
export function judgePatches(before: PatchRuns, after: PatchRuns, published: unknown): PatchState[] {
  const undone = undoneActions(after.runs);
  return after.runs.map((run, position) => {
    const old = before.runs[position];
    const fixed = undone.has(run) || (old !== undefined && isFixed(old, before.patched, published));
    const verdict = fixed ? 'already fixed upstream' : verdicts[run.status];
    const { index, target, reason } = run.action;
    const newlySelected = without(run.nodes, old?.nodes ?? []);
    const noLongerSelected = without(old?.nodes ?? [], run.nodes);
    return { index, target, reason, verdict, message: messageOf(run, fixed), newlySelected, noLongerSelected };
  });
}

function messageOf({ status, message }: PatchRun, fixed: boolean): string | undefined {
  if (status === 'no-change') return message;
  if (fixed) return 'the document has what this action and those on the same places produce; delete them';
  // The overlay's advice to set x-matches would accept nodes that nobody has looked at.
  return status === 'applied' ? undefined : message.replace(/; correct the target, or set x-matches: \d+$/, '');
}

/** Whether the new document has, at every place that the action changed in the old one, what the old patched document has. */
function isFixed({ changes }: PatchRun, patched: unknown, published: unknown): boolean {
  return (
    changes.length > 0 &&
    changes.every(
      ({ place }) =>
        isDeepStrictEqual(valueAt(published, place), valueAt(patched, place)) &&
        // What is missing in both is fixed only if the document still has what was around it.
        depthAt(published, place) >= depthAt(patched, place),
    )
  );
}

/** Returns the actions that undo each other: together with the others on the same places, they leave everything as it was. */
function undoneActions(runs: readonly PatchRun[]): Set<PatchRun> {
  return new Set(
    groupsOf(runs)
      .filter((group) => group.length > 1 && changesNothing(group))
      .flat(),
  );
}

/** Returns the actions in groups that change the same places, such as a removal and the update that fills the place again. */
function groupsOf(runs: readonly PatchRun[]): PatchRun[][] {
  const groupAt = new Map<string, PatchRun[]>();
  const groups = new Set<PatchRun[]>();
  for (const run of runs) {
    const keys = run.changes.map(({ place }) => JSON.stringify(place));
    const met = new Set(keys.map((key) => groupAt.get(key)).filter((group) => group !== undefined));
    const group = [...[...met].flat(), run];
    for (const old of met) groups.delete(old);
    groups.add(group);
    for (const member of group) for (const { place } of member.changes) groupAt.set(JSON.stringify(place), group);
  }
  return [...groups];
}

function changesNothing(group: readonly PatchRun[]): boolean {
  const first = new Map<string, unknown>();
  const last = new Map<string, unknown>();
  for (const { place, before, after } of group.flatMap(({ changes }) => changes)) {
    const key = JSON.stringify(place);
    if (!first.has(key)) first.set(key, before);
    last.set(key, after);
  }
  return [...first].every(([key, before]) => isDeepStrictEqual(before, last.get(key)));
}

function without(places: readonly Place[], known: readonly Place[]): Place[] {
  const keys = new Set(known.map((place) => JSON.stringify(place)));
  return places.filter((place) => !keys.has(JSON.stringify(place)));
}
