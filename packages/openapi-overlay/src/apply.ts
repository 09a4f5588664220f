import { type ActionStatus, perform } from './action.ts';
import { copyOf, type JsonValue } from './json.ts';
import type { Action, Overlay } from './overlay.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';

/** How strictly an overlay is applied. */
export interface ApplyOptions {
  /**
   * Accept all that the standard accepts: a target that matches nothing, or any number of nodes, and an action that changes
   * nothing. What the standard calls an error stays one. Default: false.
   */
  readonly lenient?: boolean;
  /** Make an action without `x-reason`, `x-evidence` or `x-grade` an error. Default: false. */
  readonly requireEvidence?: boolean;
}

/** What became of one action. */
export interface ActionReport {
  /** Place in `actions`, counted from 0. */
  readonly index: number;
  /** The action's RFC 9535 query. */
  readonly target: string;
  /** The action's `x-reason`. */
  readonly reason?: string;
  /** Only an `applied` action changed the document. `no-change` means that the document already says what the action would. */
  readonly status: ActionStatus;
  /** How many nodes the target selects, in the document as the actions before left it. */
  readonly matches: number;
  /** One sentence for people. */
  readonly message: string;
}

/**
 * The document with all of the overlay's actions applied in their order. The original stays as it is.
 *
 * @throws {OverlayError} with a problem for each action that does not fit, and for each whose evidence is missing where
 *   that is required. An action that does not fit is passed over when the actions after it are tried.
 */
export function applyOverlay(document: JsonValue, overlay: Overlay, options: ApplyOptions = {}): JsonValue {
  const missing = options.requireEvidence ? missingEvidence(overlay) : [];
  const { document: result, reports } = run(document, overlay, options.lenient ?? false);
  const stale = reports.flatMap(([action, report]) => {
    if (report.status === 'applied') return [];
    return [problemOf(overlay, action, report.status, report.message)];
  });
  const problems = [...missing, ...stale];
  if (problems.length > 0) throw new OverlayError(problems);
  return result;
}

/** Applies the actions that fit and reports what came of each; an action that does not fit leaves the document as it was. */
export function inspectOverlay(
  document: JsonValue,
  overlay: Overlay,
): { document: JsonValue; actions: ActionReport[] } {
  const { document: result, reports } = run(document, overlay, false);
  return { document: result, actions: reports.map(([, report]) => report) };
}

/** A problem for each action that lacks `x-reason`, `x-evidence` or `x-grade`. */
export function missingEvidence(overlay: Overlay): OverlayProblem[] {
  return overlay.actions.flatMap((action) => {
    const fields = { 'x-reason': action.reason, 'x-evidence': action.evidence, 'x-grade': action.grade };
    const missing = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [name] : []));
    return missing.length === 0 ? [] : [problemOf(overlay, action, 'evidence', `${missing.join(', ')} missing`)];
  });
}

function run(
  document: JsonValue,
  overlay: Overlay,
  lenient: boolean,
): { document: JsonValue; reports: [Action, ActionReport][] } {
  let current = document;
  const reports = overlay.actions.map((action): [Action, ActionReport] => {
    const { document: next, ...outcome } = perform(action, current, overlay.version, lenient);
    current = next;
    const reason = action.reason === undefined ? {} : { reason: action.reason };
    return [action, { index: action.index, target: action.target, ...reason, ...outcome }];
  });
  return { document: copyOf(current), reports };
}

function problemOf(overlay: Overlay, action: Action, kind: OverlayProblem['kind'], message: string): OverlayProblem {
  return {
    kind,
    file: overlay.file,
    ...(action.line === undefined ? {} : { line: action.line }),
    ...(action.column === undefined ? {} : { column: action.column }),
    index: action.index,
    target: action.target,
    ...(action.reason === undefined ? {} : { reason: action.reason }),
    message,
  };
}
