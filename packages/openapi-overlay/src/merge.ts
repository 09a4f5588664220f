import { deepEqual, describeKind, isObject, type JsonObject, type JsonValue, kindOf, property } from './json.ts';
import { formatLocation, type Location } from './json-path.ts';

/** Version of the Overlay specification, without its patch number, which makes no difference to tools. */
export type SpecificationVersion = '1.0' | '1.1';

/** The merge of an update into one node. `mismatch` says where the two cannot be put together. */
export type Merged = { readonly value: JsonValue } | { readonly mismatch: string };

/**
 * Merges an action's `update` (or what it copies) into a selected node: objects merge property by property, an array takes the
 * items of an array or one other value, a primitive is replaced by a primitive. Version 1.0 knows neither primitive targets nor
 * concatenation at the target: there an array takes the update as one entry.
 */
export function merge(node: JsonValue, update: JsonValue, location: Location, version: SpecificationVersion): Merged {
  if (Array.isArray(node)) return { value: [...node, ...appended(update, version)] };
  if (version === '1.0' && !isObject(node)) {
    return {
      mismatch: `${formatLocation(location)} is ${describeKind(node)}, and Overlay 1.0 targets objects and arrays only: declare "overlay: 1.1.0"`,
    };
  }
  return mergeProperty(node, update, location);
}

/** The items that an array gets from `update`. */
function appended(update: JsonValue, version: SpecificationVersion): JsonValue[] {
  return Array.isArray(update) && version !== '1.0' ? update : [update];
}

function mergeProperty(target: JsonValue, update: JsonValue, location: Location): Merged {
  if (isObject(target) && isObject(update)) return mergeObjects(target, update, location);
  if (Array.isArray(target) && Array.isArray(update)) return { value: [...target, ...update] };
  if (kindOf(target) === 'primitive' && kindOf(update) === 'primitive') return { value: update };
  return { mismatch: `${formatLocation(location)} is ${describeKind(target)} and cannot take ${describeKind(update)}` };
}

function mergeObjects(target: JsonObject, update: JsonObject, location: Location): Merged {
  const merged = new Map(Object.entries(target));
  for (const [key, item] of Object.entries(update)) {
    const existing = property(target, key);
    const result: Merged = existing === undefined ? { value: item } : mergeProperty(existing, item, [...location, key]);
    if ('mismatch' in result) return result;
    merged.set(key, result.value);
  }
  return { value: Object.fromEntries(merged) };
}

/** True when the node already says all that `update` would make it say: an array contains every item to be appended. */
export function alreadySays(node: JsonValue, update: JsonValue, version: SpecificationVersion): boolean {
  return Array.isArray(node) ? holds(node, appended(update, version)) : includes(node, update);
}

function includes(target: JsonValue, update: JsonValue): boolean {
  if (Array.isArray(target) && Array.isArray(update)) return holds(target, update);
  if (!isObject(target) || !isObject(update)) return deepEqual(target, update);
  return Object.entries(update).every(([key, item]) => {
    const existing = property(target, key);
    return existing !== undefined && includes(existing, item);
  });
}

function holds(array: readonly JsonValue[], items: readonly JsonValue[]): boolean {
  return items.every((item) => array.some((existing) => deepEqual(existing, item)));
}

/** The arrays in `node` that `update` would only give items they already have. */
export function repeatedArrays(
  node: JsonValue,
  update: JsonValue,
  location: Location,
  version: SpecificationVersion,
): Location[] {
  if (!Array.isArray(node)) return repeatedIn(node, update, location);
  const items = appended(update, version);
  return items.length > 0 && holds(node, items) ? [location] : [];
}

function repeatedIn(target: JsonValue, update: JsonValue, location: Location): Location[] {
  if (Array.isArray(target) && Array.isArray(update)) {
    return update.length > 0 && holds(target, update) ? [location] : [];
  }
  if (!isObject(target) || !isObject(update)) return [];
  return Object.entries(update).flatMap(([key, item]) => {
    const existing = property(target, key);
    return existing === undefined ? [] : repeatedIn(existing, item, [...location, key]);
  });
}
