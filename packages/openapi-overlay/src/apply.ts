import { type ActionStatus, perform } from './action.ts';
import { type JsonValue, toJson, type Value } from './json.ts';
import type { Action, Overlay } from './overlay.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';

/** How strictly an overlay is applied. */
export interface ApplyOptions {
  /**
   * Accept everything that the specification accepts: a target that matches nothing or any number of nodes, and an action that
   * changes nothing. What the specification calls an error remains one. Default: false.
   */
  readonly lenient?: boolean | undefined;
  /** Refuse an action without `x-reason`, `x-evidence`, or `x-grade`. Default: false. */
  readonly requireEvidence?: boolean | undefined;
}

/** The result of one action. */
export interface ActionReport {
  /** Index in `actions`, from 0. */
  readonly index: number;
  /** The action's RFC 9535 query. */
  readonly target: string;
  /** The action's `x-reason`. */
  readonly reason?: string | undefined;
  /** Only an `applied` action changed the document. `no-change` means that the document already has what the action adds. */
  readonly status: ActionStatus;
  /** The number of nodes that the target selects, after the actions before it. */
  readonly matches: number;
  /** One sentence for people. */
  readonly message: string;
}

/**
 * Returns the document with the overlay's actions applied in order. The original stays as it is.
 *
 * @throws {OverlayError} with a problem for each action that does not fit, for each action without evidence if that is required,
 *   and for each number of the overlay that does not fit in a JavaScript number. After an action that does not fit, the
 *   following ones are still tried.
 */
export function applyOverlay(document: JsonValue, overlay: Overlay, options: ApplyOptions = {}): JsonValue {
  return toJson(applyStrictly(document, overlay, options), ({ text }) => {
    const message = `${text} does not fit in a JavaScript number; applyOverlayToText keeps it`;
    throw new OverlayError([{ kind: 'invalid', file: overlay.file, message }]);
  });
}

/** @throws {OverlayError} as {@link applyOverlay} does */
export function applyStrictly(document: Value, overlay: Overlay, options: ApplyOptions): Value {
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

/** Applies the actions that fit and reports on each. An action that does not fit leaves the document unchanged. */
export function inspectOverlay(
  document: JsonValue,
  overlay: Overlay,
): { document: JsonValue; actions: ActionReport[] } {
  const { document: result, reports } = run(document, overlay, false);
  return {
    document: toJson(result, (number) => number.nearest),
    actions: reports.map(([, report]) => report),
  };
}

/** Returns what {@link inspectOverlay} reports. */
export function inspectActions(document: Value, overlay: Overlay): ActionReport[] {
  return run(document, overlay, false).reports.map(([, report]) => report);
}

/** Returns a problem for each action without `x-reason`, `x-evidence`, or `x-grade`. */
export function missingEvidence(overlay: Overlay): OverlayProblem[] {
  return overlay.actions.flatMap((action) => {
    const fields = { 'x-reason': action.reason, 'x-evidence': action.evidence, 'x-grade': action.grade };
    const missing = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [name] : []));
    return missing.length === 0 ? [] : [problemOf(overlay, action, 'evidence', `${missing.join(', ')} missing`)];
  });
}

function run(
  document: Value,
  overlay: Overlay,
  lenient: boolean,
): { document: Value; reports: [Action, ActionReport][] } {
  let current = document;
  const reports = overlay.actions.map((action): [Action, ActionReport] => {
    const { document: next, ...outcome } = perform(action, current, overlay.version, lenient);
    current = next;
    return [action, { index: action.index, target: action.target, reason: action.reason, ...outcome }];
  });
  return { document: current, reports };
}

function problemOf(
  { file }: Overlay,
  { line, column, index, target, reason }: Action,
  kind: OverlayProblem['kind'],
  message: string,
): OverlayProblem {
  return { kind, file, line, column, index, target, reason, message };
}
