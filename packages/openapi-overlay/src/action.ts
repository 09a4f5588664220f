import { edit } from './edit.ts';
import { type JsonValue, kindOf } from './json.ts';
import { formatLocation, type Location, locate, valueAt } from './json-path.ts';
import { alreadySays, merge, repeatedArrays, type SpecificationVersion } from './merge.ts';
import { describeNearest } from './nearest.ts';
import type { Action } from './overlay.ts';

/** What became of an action. All but `applied` are problems in strict mode. */
export type ActionStatus = 'applied' | 'no-match' | 'no-change' | 'type-mismatch' | 'match-count';

/** What came of one action. `document` is the one before when the action was not applied. */
export interface Outcome {
  readonly status: ActionStatus;
  readonly matches: number;
  readonly message: string;
  readonly document: JsonValue;
}

interface Context {
  readonly action: Action;
  readonly document: JsonValue;
  readonly version: SpecificationVersion;
  readonly lenient: boolean;
  readonly locations: readonly Location[];
}

/** Applies one action. Strict unless `lenient`, which accepts all that the standard accepts. */
export function perform(action: Action, document: JsonValue, version: SpecificationVersion, lenient: boolean): Outcome {
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
        : outcome(context, 'no-change', 'the action changes nothing: it neither updates nor removes');
  }
}

function outcome(context: Context, status: ActionStatus, message: string): Outcome {
  return { status, matches: context.locations.length, message, document: context.document };
}

function applied(context: Context, document: JsonValue): Outcome {
  const { length } = context.locations;
  return { status: 'applied', matches: length, message: `applied to ${count(length, 'node')}`, document };
}

function noMatch(context: Context): Outcome {
  const nearest = describeNearest(context.action.target, context.document);
  return outcome(context, 'no-match', `the target matches nothing; ${nearest}`);
}

function wrongCount(context: Context): Outcome {
  const { action, locations } = context;
  const found = locations.slice(0, 3).map(formatLocation).join(', ');
  const more = locations.length > 3 ? ', …' : '';
  const message =
    `the target matches ${count(locations.length, 'node')} instead of ${action.expectedMatches} (${found}${more}); ` +
    `correct the target, or set x-matches: ${locations.length}`;
  return outcome(context, 'match-count', message);
}

function idleFields(context: Context): Outcome {
  const fields = context.action.withoutImpact.join(' and ');
  const others = context.action.modifier.kind === 'remove' ? 'remove: true' : 'each other';
  const verb = context.action.withoutImpact.length === 1 ? 'has' : 'have';
  return outcome(context, 'no-change', `${fields} ${verb} no impact beside ${others}: make it an action of its own`);
}

function remove(context: Context): Outcome {
  const { document, locations, version } = context;
  const primitiveItem = locations.find(
    (location) => typeof location.at(-1) === 'number' && kindOf(valueAt(document, location)) === 'primitive',
  );
  if (version === '1.0' && primitiveItem !== undefined) {
    const message = `${formatLocation(primitiveItem)} is a primitive item, which Overlay 1.0 does not remove from an array: declare "overlay: 1.1.0"`;
    return outcome(context, 'type-mismatch', message);
  }
  const result = edit(document, locations, () => undefined);
  if (result === undefined) {
    return outcome(
      context,
      'type-mismatch',
      'the whole document cannot be removed, only what an object or array holds',
    );
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

function update(context: Context, value: JsonValue): Outcome {
  const { document, locations, version, lenient } = context;
  const kinds = new Set(locations.map((location) => kindOf(valueAt(document, location))));
  if (kinds.size > 1) {
    const message = `the target matches a mix of kinds (${[...kinds].sort().join(', ')}); all must be objects, all arrays or all primitives`;
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

/** Says what the document already has of the update: all of it, or all that one of its arrays would get. */
function alreadyFixed({ document, locations, version }: Context, value: JsonValue): string | undefined {
  if (locations.every((location) => alreadySays(valueAt(document, location), value, version))) {
    return 'already fixed: the document says this without the action; delete the action';
  }
  const repeated = locations
    .flatMap((location) => repeatedArrays(valueAt(document, location), value, location, version))
    .map(formatLocation);
  if (repeated.length === 0) return undefined;
  return `already fixed in part: ${repeated.join(', ')} would get items a second time; take out of the action what the document has`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
