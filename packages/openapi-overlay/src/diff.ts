import { Document } from 'yaml';
import { yamlOptions } from './document.ts';
import { deepEqual, isObject, kindOf, plainOf, property, type Value, type ValueObject } from './json.ts';
import { formatLocation, type Location, parseQuery } from './json-path.ts';
import { nodeOf } from './nodes.ts';
import { OverlayError } from './overlay-error.ts';
import { keepText, readSource } from './source.ts';
import type { DocumentFile } from './text.ts';

/** Metadata of a new overlay. */
export interface DiffOptions {
  /** `info.title`. Default: `Changes from BEFORE to AFTER`. */
  readonly title?: string | undefined;
  /** `extends`. Default: none. */
  readonly extends?: string | undefined;
}

/**
 * Returns the YAML text of an overlay that turns the first document into the second. Applied to the first document, it passes the
 * strict checks. The order of keys and the notation of numbers are not compared.
 *
 * @throws {OverlayError} for a document that cannot be read, for equal documents (an overlay has at least one action), and for
 *   documents whose difference no overlay can express (an object and an array)
 */
export function createOverlay(before: DocumentFile, after: DocumentFile, options: DiffOptions = {}): string {
  const from = readSource(before.content, before.file).value;
  const to = readSource(after.content, after.file).value;
  const actions = difference(from, to, []);
  const refuse = (message: string): never => {
    throw new OverlayError([{ kind: 'invalid', file: after.file, message }]);
  };
  if (actions === undefined) {
    return refuse(
      `no overlay turns ${before.file} into this document: an overlay cannot replace the root or remove such a key`,
    );
  }
  if (actions.length === 0)
    return refuse(`has the same content as ${before.file}, and an overlay needs at least one action`);
  const overlay = new Document(null, { customTags: (tags) => keepText(tags) });
  const info = { title: options.title ?? `Changes from ${before.file} to ${after.file}`, version: '1.0.0' };
  const head: ValueObject = { overlay: '1.1.0', info };
  if (options.extends !== undefined) head.extends = options.extends;
  overlay.contents = nodeOf({ ...head, actions });
  return overlay.toString({ ...yamlOptions, lineWidth: 0 });
}

/** Returns the actions that turn `before` into `after`, or `undefined` if the parent has to replace the value. */
function difference(before: Value, after: Value, location: Location): ValueObject[] | undefined {
  if (deepEqual(before, after)) return [];
  if (!isAddressable(location)) return undefined;
  if (isObject(before) && isObject(after)) return objectDifference(before, after, location);
  if (Array.isArray(before) && Array.isArray(after)) return listDifference(before, after, location);
  if (kindOf(before) !== 'primitive' || kindOf(after) !== 'primitive') return undefined;
  return [{ target: formatLocation(location), update: after }];
}

/** Changes members in place, removes those that are gone or of another kind, and adds the rest with one update. */
function objectDifference(before: ValueObject, after: ValueObject, location: Location): ValueObject[] | undefined {
  const actions: ValueObject[] = [];
  const added: [string, Value][] = Object.entries(after).filter(([key]) => !Object.hasOwn(before, key));
  for (const [key, old] of Object.entries(before)) {
    const value = property(after, key);
    const changes = value === undefined ? undefined : difference(old, value, [...location, key]);
    if (changes !== undefined) {
      actions.push(...changes);
      continue;
    }
    if (!isAddressable([key])) return undefined;
    actions.push({ target: formatLocation([...location, key]), remove: true });
    if (value !== undefined) added.push([key, value]);
  }
  if (added.length > 0) actions.push({ target: formatLocation(location), update: Object.fromEntries(added) });
  return actions;
}

/** Returns the shortest of the ways to change a list. */
function listDifference(before: readonly Value[], after: readonly Value[], location: Location): ValueObject[] {
  const ways = [removalsAndAdditions(before, after, location), inPlace(before, after, location)];
  const all = [...removal([...before.keys()], location), ...addition(after, location)];
  return ways.reduce<ValueObject[]>((best, way) => (way !== undefined && size(way) < size(best) ? way : best), all);
}

function size(actions: ValueObject[]): number {
  return JSON.stringify(plainOf(actions)).length;
}

/** Removes items and appends others; `undefined` if that is not enough. */
function removalsAndAdditions(
  before: readonly Value[],
  after: readonly Value[],
  location: Location,
): ValueObject[] | undefined {
  const removed: number[] = [];
  let kept = 0;
  before.forEach((item, index) => {
    const next = after[kept];
    if (next !== undefined && deepEqual(item, next)) kept += 1;
    else removed.push(index);
  });
  const added = after.slice(kept);
  const remaining = after.slice(0, kept);
  // Strict mode refuses an update whose items the array already has: it looks like a patch that is no longer needed.
  if (added.length > 0 && added.every((item) => remaining.some((other) => deepEqual(other, item)))) return undefined;
  return [...removal(removed, location), ...addition(added, location)];
}

/** Changes each item by itself; `undefined` if the numbers of items or the kinds of two items differ. */
function inPlace(before: readonly Value[], after: readonly Value[], location: Location): ValueObject[] | undefined {
  if (before.length !== after.length) return undefined;
  const actions: ValueObject[] = [];
  for (const [index, item] of before.entries()) {
    const changes = difference(item, after[index] ?? null, [...location, index]);
    if (changes === undefined) return undefined;
    actions.push(...changes);
  }
  return actions;
}

function removal(indexes: readonly number[], location: Location): ValueObject[] {
  if (indexes.length === 0) return [];
  const action = { target: `${formatLocation(location)}[${indexes.join(',')}]`, remove: true };
  return [indexes.length === 1 ? action : { ...action, 'x-matches': indexes.length }];
}

function addition(items: readonly Value[], location: Location): ValueObject[] {
  return items.length === 0 ? [] : [{ target: formatLocation(location), update: [...items] }];
}

/** False for names that json-p3 2.3.1 cannot read, such as those with control characters. */
function isAddressable(location: Location): boolean {
  try {
    parseQuery(formatLocation(location));
    return true;
  } catch {
    return false;
  }
}
