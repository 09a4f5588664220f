import { edit } from './edit.ts';
import { kindOf, type Value } from './json.ts';
import { formatLocation, type Location, locate, valueAt } from './json-path.ts';
import { alreadySays, merge, repeatedArrays, type SpecificationVersion } from './merge.ts';
import { describeNearest } from './nearest.ts';
import type { Action } from './overlay.ts';

/** The result of an action. All but `applied` are problems in strict mode. */
export type ActionStatus = 'applied' | 'no-match' | 'no-change' | 'type-mismatch' | 'match-count';

/** The result of one action. If the action was not applied, `document` is unchanged. */
export interface Outcome {
  readonly status: ActionStatus;
  readonly matches: number;
  readonly message: string;
  readonly document: Value;
}

interface Context {
  readonly action: Action;
  readonly document: Value;
  readonly version: SpecificationVersion;
  readonly lenient: boolean;
  readonly locations: readonly Location[];
}

/** Applies one action. `lenient` accepts everything that the specification accepts. */
export function perform(action: Action, document: Value, version: SpecificationVersion, lenient: boolean): Outcome {
  const context = { action, document, version, lenient, locations: locate(action.target, document) };
  const { length } = context.locations;
  if (lenient && length === 0) return applied(context, document);
  if (!lenient) {
    if (action.withoutImpact.length > 0) return idleFields(context);
    if (length === 0) return noMatch(context);
    if (length !== action.expectedMatches) return wrongCount(context);
  }
  switch (action.modifier.kind) {
    case 'remove':
      return remove(context);
    case 'update':
      return update(context, action.modifier.value);
    case 'copy':
      return copy(context, action.modifier.from);
    case 'none':
      return lenient
        ? applied(context, document)
        : outcome(context, 'no-change', 'the action changes nothing: it has no "update", "copy", or "remove: true"');
  }
}

function outcome(context: Context, status: ActionStatus, message: string): Outcome {
  return { status, matches: context.locations.length, message, document: context.document };
}

function applied(context: Context, document: Value): Outcome {
  const { length } = context.locations;
  return { status: 'applied', matches: length, message: `applied to ${count(length, 'node')}`, document };
}

function noMatch(context: Context): Outcome {
  const nearest = describeNearest(context.action.target, context.document);
  return outcome(context, 'no-match', `the target matches nothing; ${nearest}`);
}

function wrongCount(context: Context): Outcome {
  const { action, locations } = context;
  const message =
    `the target matches ${count(locations.length, 'node')} instead of ${action.expectedMatches}: ` +
    `${locations.map(formatLocation).join(', ')}. Correct the target, or x-matches if the action fits all of them`;
  return outcome(context, 'match-count', message);
}

function idleFields(context: Context): Outcome {
  const { modifier, withoutImpact } = context.action;
  const cause = modifier.kind === 'remove' ? 'with remove: true' : 'together';
  const verb = withoutImpact.length === 1 ? 'has' : 'have';
  return outcome(
    context,
    'no-change',
    `${withoutImpact.join(' and ')} ${verb} no effect ${cause}. Use separate actions`,
  );
}

function remove(context: Context): Outcome {
  const { document, locations, version } = context;
  const primitiveItem = locations.find(
    (location) => typeof location.at(-1) === 'number' && kindOf(valueAt(document, location)) === 'primitive',
  );
  if (version === '1.0' && primitiveItem !== undefined) {
    const message = `${formatLocation(primitiveItem)} is a primitive item, and Overlay 1.0 cannot remove it from an array. Set "overlay: 1.1.0"`;
    return outcome(context, 'type-mismatch', message);
  }
  const result = edit(document, locations, () => undefined);
  if (result === undefined) {
    return outcome(context, 'type-mismatch', 'the root cannot be removed, only members of an object or array');
  }
  return applied(context, result);
}

function copy(context: Context, from: string): Outcome {
  const sources = locate(from, context.document);
  const [source] = sources;
  if (source === undefined) {
    const nearest = describeNearest(from, context.document);
    return outcome(context, 'type-mismatch', `copy ${from} selects nothing; ${nearest}`);
  }
  if (sources.length > 1) {
    const message = `copy ${from} selects ${count(sources.length, 'node')} instead of one`;
    return outcome(context, 'type-mismatch', message);
  }
  return update(context, valueAt(context.document, source));
}

function update(context: Context, value: Value): Outcome {
  const { document, locations, version, lenient } = context;
  const kinds = new Set(locations.map((location) => kindOf(valueAt(document, location))));
  if (kinds.size > 1) {
    const message = `the target matches several kinds (${[...kinds].sort().join(', ')}); all must be objects, arrays, or primitives`;
    return outcome(context, 'type-mismatch', message);
  }
  if (!lenient) {
    const fixed = alreadyFixed(context, value);
    if (fixed !== undefined) return outcome(context, 'no-change', fixed);
  }
  let mismatch: string | undefined;
  const result = edit(document, locations, (node, location) => {
    const merged = merge(node, value, location, version);
    if ('value' in merged) return merged.value;
    mismatch ??= merged.mismatch;
    return node;
  });
  if (mismatch !== undefined) return outcome(context, 'type-mismatch', mismatch);
  return applied(context, result ?? document);
}

/** Describes what the document already has of the update: all of it, or all items for one of its arrays. */
function alreadyFixed({ document, locations, version }: Context, value: Value): string | undefined {
  if (locations.every((location) => alreadySays(valueAt(document, location), value, version))) {
    return 'already fixed: the document has all of it. Delete the action';
  }
  const repeated = locations
    .flatMap((location) => repeatedArrays(valueAt(document, location), value, location, version))
    .map(formatLocation);
  if (repeated.length === 0) return undefined;
  return `already fixed in part: ${repeated.join(', ')} would get items twice. Delete these items from the action`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
