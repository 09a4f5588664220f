import { isObject, type JsonValue } from './json.ts';
import type { Location } from './json-path.ts';

/** What becomes of a selected node: another value in its place, or `undefined` when it goes. */
export type Change = (value: JsonValue, location: Location) => JsonValue | undefined;

interface Branch {
  selected: boolean;
  readonly children: Map<string | number, Branch>;
}

/**
 * Changes the nodes at `locations`, and only those, leaving the original as it is. All locations refer to the original, so that
 * removing two items of one array removes those two. Where a selected node holds another, the inner one changes first.
 */
export function edit(document: JsonValue, locations: readonly Location[], change: Change): JsonValue | undefined {
  const root: Branch = { selected: false, children: new Map() };
  for (const location of locations) mark(root, location);
  return rewrite(document, root, change, []);
}

function mark(root: Branch, location: Location): void {
  let branch = root;
  for (const part of location) {
    const next = branch.children.get(part) ?? { selected: false, children: new Map() };
    branch.children.set(part, next);
    branch = next;
  }
  branch.selected = true;
}

function rewrite(value: JsonValue, branch: Branch, change: Change, location: Location): JsonValue | undefined {
  const inner = branch.children.size === 0 ? value : rewriteChildren(value, branch, change, location);
  return branch.selected ? change(inner, location) : inner;
}

function rewriteChildren(value: JsonValue, branch: Branch, change: Change, location: Location): JsonValue {
  const child = <Key extends string | number>(key: Key, item: JsonValue): [Key, JsonValue][] => {
    const next = branch.children.get(key);
    const result = next === undefined ? item : rewrite(item, next, change, [...location, key]);
    return result === undefined ? [] : [[key, result]];
  };
  if (Array.isArray(value)) return value.flatMap((item, index) => child(index, item).map(([, kept]) => kept));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => child(key, item)));
  return value;
}
