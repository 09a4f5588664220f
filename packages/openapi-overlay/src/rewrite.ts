import { isAlias, isMap, isNode, isPair, isScalar, isSeq, type Node, Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { needsQuotes } from './document.ts';
import { isObject, property, sameText, type Value, type ValueObject } from './json.ts';
import { nodeOf, textNode } from './nodes.ts';
import { isMerge, type Source } from './source.ts';

/**
 * Changes the YAML nodes of `source` so that they stand for `after`. A node whose value did not change keeps its text, comments,
 * anchor, and place. An alias or merge key whose anchor changed or disappeared is replaced by what it stood for.
 */
export function rewrite(source: Source, after: Value): void {
  source.yaml.contents = new Rewriter(source).rewrite(source.yaml.contents, source.value, after);
}

class Rewriter {
  readonly #source: Source;
  /** The new values of the anchored nodes that were kept. Anchors come before their aliases. */
  readonly #anchored = new Map<unknown, Value>();

  constructor(source: Source) {
    this.#source = source;
  }

  rewrite(node: unknown, before: Value, after: Value): Node {
    const { reader } = this.#source;
    if (!isNode(node)) return this.#fresh(nodeOf(after));
    if (isAlias(node)) {
      const known = this.#anchored.get(reader.resolve(node));
      return known !== undefined && sameText(known, after) ? node : this.#fresh(nodeOf(after));
    }
    const same = sameText(before, after);
    if (same && !reader.hasAliases) return node;
    if (node.anchor !== undefined) this.#anchored.set(node, after);
    if (isMap(node) && isObject(before) && isObject(after)) this.#map(node, before, after);
    else if (isSeq(node) && Array.isArray(before) && Array.isArray(after)) this.#list(node, before, after);
    else return same ? node : this.#fresh(replacement(node, after));
    return same && !this.#containsTouched(node) ? node : this.#fresh(node);
  }

  #fresh<Item extends Node>(node: Item): Item {
    this.#source.writing.touched.add(node);
    return node;
  }

  #containsTouched({ items }: YAMLMap | YAMLSeq): boolean {
    const { touched } = this.#source.writing;
    return items.some((item) => {
      const node = isPair(item) ? item.value : item;
      return isNode(node) && touched.has(node);
    });
  }

  #map(map: YAMLMap, before: ValueObject, after: ValueObject): void {
    const { reader } = this.#source;
    const own = new Set(map.items.flatMap((pair) => (isMerge(pair) ? [] : [reader.keyOf(pair)])));
    const merged = map.items.flatMap((pair) => (isMerge(pair) ? this.#merged(pair) : []));
    const inherited = combine(merged, after);
    if (inherited === undefined) this.#fresh(map);
    map.items = map.items.flatMap((pair) => {
      if (isMerge(pair)) return inherited === undefined ? [] : [pair];
      const key = reader.keyOf(pair);
      const value = property(after, key);
      if (value === undefined) return [];
      pair.value = this.rewrite(pair.value, property(before, key) ?? null, value);
      return [pair];
    });
    for (const [key, value] of Object.entries(after)) {
      const known = inherited === undefined ? undefined : property(inherited, key);
      if (own.has(key) || (known !== undefined && sameText(known, value))) continue;
      map.items.push(new Pair(textNode(key), this.#fresh(nodeOf(value))));
    }
    setStyle(map, own.size === 0 && merged.length === 0);
  }

  /** Returns the new values of the maps that a merge key refers to; `undefined` for one that is gone or has no anchor. */
  #merged(pair: Pair): (ValueObject | undefined)[] {
    const { reader } = this.#source;
    return reader.mergedMaps(pair).map((map) => {
      const value = this.#anchored.get(map);
      return isObject(value) ? value : undefined;
    });
  }

  #list(list: YAMLSeq, before: readonly Value[], after: readonly Value[]): void {
    const origins = align(before, after);
    list.items = after.map((item, index) => {
      const origin = origins[index];
      return origin === undefined
        ? this.#fresh(nodeOf(item))
        : this.rewrite(list.items[origin], before[origin] ?? null, item);
    });
    setStyle(list, before.length === 0);
  }
}

/** Block style for a collection that was empty, because `[ ]` and `{ }` have no style to keep. */
function setStyle(collection: YAMLMap | YAMLSeq, wasEmpty: boolean): void {
  if (collection.items.length === 0) collection.flow = true;
  else if (wasEmpty) collection.flow = false;
}

/** Returns what a map inherits from merged maps, or `undefined` if merge keys cannot express `after`. */
function combine(merged: readonly (ValueObject | undefined)[], after: ValueObject): ValueObject | undefined {
  const entries = new Map<string, Value>();
  for (const source of merged) {
    if (source === undefined) return undefined;
    for (const [key, value] of Object.entries(source)) {
      if (!Object.hasOwn(after, key)) return undefined;
      if (!entries.has(key)) entries.set(key, value);
    }
  }
  return Object.fromEntries(entries);
}

/** Returns, for each new item, the index of the old item it comes from: an equal one, or else one in the same gap. */
function align(before: readonly Value[], after: readonly Value[]): (number | undefined)[] {
  let start = 0;
  const equal = after.map((item) => {
    const index = before.findIndex((old, position) => position >= start && sameText(old, item));
    if (index === -1) return undefined;
    start = index + 1;
    return index;
  });
  let next = 0;
  return equal.map((index, position) => {
    if (index !== undefined) {
      next = index + 1;
      return index;
    }
    const end = equal.slice(position).find((later) => later !== undefined) ?? before.length;
    if (next >= end) return undefined;
    next += 1;
    return next - 1;
  });
}

/** A node for another kind of value or another primitive, with the comments and the anchor of the old node. */
function replacement(old: Node, value: Value): Node {
  const node = nodeOf(value);
  node.comment = old.comment ?? null;
  node.commentBefore = old.commentBefore ?? null;
  node.spaceBefore = old.spaceBefore ?? false;
  if (!isAlias(old) && !isAlias(node) && old.anchor !== undefined) node.anchor = old.anchor;
  if (isScalar(old) && isScalar(node) && typeof value === 'string' && !needsQuotes.test(value)) {
    if (old.type === 'QUOTE_DOUBLE' || old.type === 'QUOTE_SINGLE') node.type = old.type;
  }
  return node;
}
