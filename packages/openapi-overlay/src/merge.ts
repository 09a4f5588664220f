import { deepEqual, describeKind, isObject, kindOf, property, type Value, type ValueObject } from './json.ts';
import { formatLocation, type Location } from './json-path.ts';

/** Version of the Overlay specification. Its patch number makes no difference to tools. */
export type SpecificationVersion = '1.0' | '1.1' | '1.2';

/** The result of merging an update into one node. `mismatch` describes where the two do not fit. */
export type Merged = { readonly value: Value } | { readonly mismatch: string };

/**
 * Merges an action's `update` (or what it copies) into a selected node. Objects merge property by property, an array takes the
 * items of an array or one other value, and a primitive replaces a primitive. Version 1.0 has neither primitive targets nor
 * concatenation at the target: there, an array takes the update as one item.
 */
export function merge(node: Value, update: Value, location: Location, version: SpecificationVersion): Merged {
  if (Array.isArray(node)) return { value: [...node, ...appended(update, version)] };
  if (version === '1.0' && !isObject(node)) {
    return {
      mismatch: `${formatLocation(location)} is ${describeKind(node)}, and Overlay 1.0 targets only objects and arrays. Set "overlay: 1.1.0"`,
    };
  }
  return mergeProperty(node, update, location);
}

/** Returns the items that `update` appends to an array. */
function appended(update: Value, version: SpecificationVersion): Value[] {
  return Array.isArray(update) && version !== '1.0' ? update : [update];
}

function mergeProperty(target: Value, update: Value, location: Location): Merged {
  if (isObject(target) && isObject(update)) return mergeObjects(target, update, location);
  if (Array.isArray(target) && Array.isArray(update)) return { value: [...target, ...update] };
  if (kindOf(target) === 'primitive' && kindOf(update) === 'primitive') return { value: update };
  return { mismatch: `${formatLocation(location)} is ${describeKind(target)} and cannot take ${describeKind(update)}` };
}

function mergeObjects(target: ValueObject, update: ValueObject, location: Location): Merged {
  const merged = new Map(Object.entries(target));
  for (const [key, item] of Object.entries(update)) {
    const existing = property(target, key);
    const result: Merged = existing === undefined ? { value: item } : mergeProperty(existing, item, [...location, key]);
    if ('mismatch' in result) return result;
    merged.set(key, result.value);
  }
  return { value: Object.fromEntries(merged) };
}

/** True if the update changes nothing. An array counts as unchanged if it already contains every item to be appended. */
export function alreadySays(node: Value, update: Value, version: SpecificationVersion): boolean {
  return Array.isArray(node) ? holds(node, appended(update, version)) : includes(node, update);
}

function includes(target: Value, update: Value): boolean {
  if (Array.isArray(target) && Array.isArray(update)) return holds(target, update);
  if (!isObject(target) || !isObject(update)) return deepEqual(target, update);
  return Object.entries(update).every(([key, item]) => {
    const existing = property(target, key);
    return existing !== undefined && includes(existing, item);
  });
}

function holds(array: readonly Value[], items: readonly Value[]): boolean {
  return items.every((item) => array.some((existing) => deepEqual(existing, item)));
}

/** Returns the arrays in `node` to which `update` appends only items that they already contain. */
export function repeatedArrays(
  node: Value,
  update: Value,
  location: Location,
  version: SpecificationVersion,
): Location[] {
  if (!Array.isArray(node)) return repeatedIn(node, update, location);
  const items = appended(update, version);
  return items.length > 0 && holds(node, items) ? [location] : [];
}

function repeatedIn(target: Value, update: Value, location: Location): Location[] {
  if (Array.isArray(target) && Array.isArray(update)) {
    return update.length > 0 && holds(target, update) ? [location] : [];
  }
  if (!isObject(target) || !isObject(update)) return [];
  return Object.entries(update).flatMap(([key, item]) => {
    const existing = property(target, key);
    return existing === undefined ? [] : repeatedIn(existing, item, [...location, key]);
  });
}
