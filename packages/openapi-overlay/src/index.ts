export type { ActionStatus } from './action.ts';
export { type ActionReport, type ApplyOptions, applyOverlay, inspectOverlay } from './apply.ts';
export { parseDocument, stringifyYaml } from './document.ts';
export type { JsonObject, JsonValue } from './json.ts';
export type { SpecificationVersion } from './merge.ts';
export type { Action, Grade, Modifier, Overlay } from './overlay.ts';
export { describeProblem, OverlayError, type OverlayProblem, type ProblemKind } from './overlay-error.ts';
export { parseOverlay } from './parse-overlay.ts';
