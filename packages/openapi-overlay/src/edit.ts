import { isObject, type Value } from './json.ts';
import type { Location } from './json-path.ts';

/** Returns the value that replaces a selected node, or `undefined` to remove the node. */
export type Change = (value: Value, location: Location) => Value | undefined;

interface Branch {
  selected: boolean;
  readonly children: Map<string | number, Branch>;
}

/**
 * Changes the nodes at `locations` and leaves the original as it is. All locations refer to the original, so removing two items
 * of one array removes those two. If a selected node contains another, the inner one changes first.
 */
export function edit(document: Value, locations: readonly Location[], change: Change): Value | undefined {
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

function rewrite(value: Value, branch: Branch, change: Change, location: Location): Value | undefined {
  const inner = branch.children.size === 0 ? value : rewriteChildren(value, branch, change, location);
  return branch.selected ? change(inner, location) : inner;
}

function rewriteChildren(value: Value, branch: Branch, change: Change, location: Location): Value {
  const child = <Key extends string | number>(key: Key, item: Value): [Key, Value][] => {
    const next = branch.children.get(key);
    const result = next === undefined ? item : rewrite(item, next, change, [...location, key]);
    return result === undefined ? [] : [[key, result]];
  };
  if (Array.isArray(value)) return value.flatMap((item, index) => child(index, item).map(([, kept]) => kept));
  if (isObject(value)) return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => child(key, item)));
  return value;
}
