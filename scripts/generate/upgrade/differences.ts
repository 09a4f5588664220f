import { isDeepStrictEqual } from 'node:util';
import { identities, isFields, itemNames, type Place } from './place.ts';

/** One place where two documents differ. `before` or `after` is undefined where the document has nothing there. */
export interface Difference {
  readonly place: Place;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Returns the outermost places that differ. The order of names in an object means nothing. The order of an array does: items
 * that only moved are one difference at the array.
 */
export function differences(before: unknown, after: unknown, place: Place = []): Difference[] {
  // Most of two documents is equal, and comparing is faster than looking for differences.
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return inArrays(before, after, place);
  if (isFields(before) && isFields(after)) {
    return inOrder(Object.keys(before), Object.keys(after)).flatMap((name) =>
      ofMember(before, after, name, [...place, name]),
    );
  }
  return [{ place, before, after }];
}

/** Returns the names of both, those that only the second has last. */
function inOrder(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])];
}

function ofMember(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  name: string,
  place: Place,
): Difference[] {
  if (!Object.hasOwn(before, name)) return [{ place, after: after[name] }];
  if (!Object.hasOwn(after, name)) return [{ place, before: before[name] }];
  return differences(before[name], after[name], place);
}

function inArrays(before: readonly unknown[], after: readonly unknown[], place: Place): Difference[] {
  const old = identities(before);
  const now = identities(after);
  return old && now
    ? inLists({ items: before, names: old }, { items: after, names: now }, place)
    : byPosition(before, after, place);
}

interface List {
  readonly items: readonly unknown[];
  readonly names: readonly string[];
}

function inLists(before: List, after: List, place: Place): Difference[] {
  const old = Object.fromEntries(before.names.map((name, index) => [name, before.items[index]]));
  const now = Object.fromEntries(after.names.map((name, index) => [name, after.items[index]]));
  const members = inOrder(before.names, after.names).flatMap((name) => ofMember(old, now, name, [...place, name]));
  const stayed = before.names.filter((name) => Object.hasOwn(now, name));
  const order = after.names.filter((name) => Object.hasOwn(old, name));
  const moved = stayed.some((name, index) => name !== order[index]);
  return moved ? [...members, { place, before: before.items, after: after.items }] : members;
}

/** Pairs the items between the equal ones at the beginning and at the end. */
function byPosition(before: readonly unknown[], after: readonly unknown[], place: Place): Difference[] {
  const shorter = Math.min(before.length, after.length);
  const equal = (fromEnd: boolean, index: number) => {
    const at = fromEnd ? -1 - index : index;
    return isDeepStrictEqual(before.at(at), after.at(at));
  };
  let head = 0;
  while (head < shorter && equal(false, head)) head += 1;
  let tail = 0;
  while (tail < shorter - head && equal(true, tail)) tail += 1;
  const paired = shorter - head - tail;
  const oldNames = itemNames(before);
  const newNames = itemNames(after);
  const nameAt = (names: readonly string[], index: number) => [...place, names[index] ?? `[${index}]`];
  const found: Difference[] = [];
  for (let index = head; index < head + paired; index += 1) {
    found.push(...differences(before[index], after[index], nameAt(oldNames, index)));
  }
  for (let index = head + paired; index < before.length - tail; index += 1) {
    found.push({ place: nameAt(oldNames, index), before: before[index] });
  }
  for (let index = head + paired; index < after.length - tail; index += 1) {
    found.push({ place: nameAt(newNames, index), after: after[index] });
  }
  return found;
}
