import { type Action, applyOverlay, inspectOverlay, type JsonValue, type Overlay } from '@gpu-clouds/openapi-overlay';
import { type Difference, differences } from './differences.ts';
import type { Place } from './place.ts';

/** What one action of an overlay does to one document. */
export interface PatchRun {
  readonly action: Action;
  readonly status: 'applied' | 'no-match' | 'no-change' | 'type-mismatch' | 'match-count';
  readonly message: string;
  /** What it changes, compared with the document as the actions before left it. */
  readonly changes: readonly Difference[];
  /** The nodes that its target selects. Empty if the target can select only one node, always the same. */
  readonly nodes: readonly Place[];
}

export interface PatchRuns {
  readonly runs: readonly PatchRun[];
  /** The document with all actions applied as far as they fit. */
  readonly patched: JsonValue;
}

/** Applies an overlay action by action. An action whose only fault is its number of matches is applied as well. */
export function runPatches(document: JsonValue, overlay: Overlay): PatchRuns {
  let patched = document;
  const runs = overlay.actions.map((action) => {
    const { run, next } = runPatch(patched, overlay, action);
    patched = next;
    return run;
  });
  return { runs, patched };
}

function runPatch(document: JsonValue, overlay: Overlay, action: Action): { run: PatchRun; next: JsonValue } {
  const strict = inspect(document, overlay, action);
  const { status, message, matches } = strict.report;
  const { document: next } =
    status === 'match-count' ? inspect(document, overlay, { ...action, expectedMatches: matches }) : strict;
  const nodes = matches > 0 && canVary(action) ? selectedNodes(document, overlay, action) : [];
  return { run: { action, status, message, changes: differences(document, next), nodes }, next };
}

/** Whether the target selects by a condition, a wildcard, or a position. */
function canVary({ target }: Action): boolean {
  return /[*?]|\.\.|\[-?\d/.test(target.replaceAll(/'[^']*'|"[^"]*"/g, ''));
}

function inspect(document: JsonValue, overlay: Overlay, action: Action) {
  const { document: next, actions } = inspectOverlay(document, { ...overlay, actions: [action] });
  const [report] = actions;
  if (report === undefined) throw new Error(`No report for actions[${action.index}].`);
  return { document: next, report };
}

/** Returns the places that removing the target's nodes would remove. */
function selectedNodes(document: JsonValue, overlay: Overlay, action: Action): Place[] {
  const removal: Action = { ...action, modifier: { kind: 'remove' }, withoutImpact: [] };
  const without = applyOverlay(document, { ...overlay, actions: [removal] }, { lenient: true });
  return differences(document, without).map(({ place }) => place);
}
