import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type Tags,
  visit,
  type YAMLMap,
} from 'yaml';
import { readNumber } from './exact-number.ts';
import type { Value } from './json.ts';
import { formatLocation, type Location } from './json-path.ts';
import { OverlayError, type OverlayProblem } from './overlay-error.ts';
import { decode, type FileContent } from './utf8.ts';

export interface Position {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
}

/** A parsed text that keeps the position of each value. */
export interface Source {
  readonly file: string;
  readonly text: string;
  readonly value: Value;
  readonly yaml: Document;
  readonly reader: NodeReader;
  readonly writing: Writing;
  /** Returns where the value at `location` starts, or the nearest existing value around it. */
  positionOf(location: Location): Position | undefined;
}

/** More nodes than any real document has. Aliases of aliases can expand to billions of nodes. */
const maxExpandedNodes = 2_000_000;

/** How the nodes are written. */
export interface Writing {
  /** Write strings and flow collections (`{ }`, `[ ]`) exactly as they were read. */
  verbatim: boolean;
  /** The nodes that are new or contain a change. */
  readonly touched: WeakSet<object>;
}

const asValues: Writing = { verbatim: false, touched: new WeakSet() };

/**
 * Returns tags that write numbers and, with `verbatim`, strings as `text` has them. By itself, the yaml package writes
 * `9007199254740993` as `9007199254740992`, and breaks long strings into lines of its own.
 */
export function keepText(tags: Tags, text = '', writing: Writing = asValues): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || tag.collection !== undefined) return tag;
    if (/:(?:int|float)$/.test(tag.tag)) {
      return {
        ...tag,
        stringify: (item, ...rest) => item.source ?? tag.stringify?.(item, ...rest) ?? String(item.value),
      };
    }
    if (!tag.tag.endsWith(':str')) return tag;
    return {
      ...tag,
      stringify: (item, ...rest) =>
        (writing.verbatim ? textOf(item, text) : undefined) ?? tag.stringify?.(item, ...rest) ?? String(item.value),
    };
  });
}

/** Returns the text of a string that was read; `undefined` for one that is new or whose text alone does not suffice. */
function textOf({ range, comment }: Scalar, text: string): string | undefined {
  if (!range) return undefined;
  const raw = text.slice(range[0], range[1]).trimEnd();
  return /^[|>]/.test(raw) && (comment || /^.\d?\+/.test(raw)) ? undefined : raw;
}

/**
 * Reads JSON or YAML 1.2 with merge keys.
 * @throws {OverlayError} with every problem: syntax errors, duplicate keys, bytes that are not UTF-8, and values that JSON
 *   does not have, such as `.nan`.
 */
export function readSource(content: FileContent, file: string): Source {
  const text = decode(content, file);
  const lines = new LineCounter();
  const writing: Writing = { verbatim: false, touched: new WeakSet() };
  const yaml = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    merge: true,
    customTags: (tags) => keepText(tags, text, writing),
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  // The yaml package warns about what it guesses, such as an unknown tag. A patched document must not contain guesses.
  const problems = [...yaml.errors, ...yaml.warnings].map((error): OverlayProblem => {
    const message = error.code === 'DUPLICATE_KEY' ? 'duplicate key' : error.message.replace(/\.$/, '');
    return { kind: 'syntax', file, ...at(error.pos[0]), message };
  });
  if (problems.length === 0 && yaml.contents === null) problems.push({ kind: 'syntax', file, message: 'is empty' });
  if (problems.length > 0) throw new OverlayError(problems);

  const reader = new NodeReader(yaml);
  const value = reader.valueOf(yaml.contents);
  if (reader.problems.length > 0) {
    throw new OverlayError(
      reader.problems.map(({ node, message }) => ({ kind: 'syntax', file, ...at(startOf(node) ?? 0), message })),
    );
  }
  const positionOf = (location: Location): Position | undefined => {
    const start = startOf(reader.nearest(location));
    return start === undefined ? undefined : at(start);
  };
  return { file, text, value, yaml, reader, writing, positionOf };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** True for a plain `<<`, which merges other maps into the one it is in. */
export function isMerge({ key }: Pair): boolean {
  return isScalar(key) && typeof key.value === 'symbol';
}

interface NodeProblem {
  readonly node: unknown;
  readonly message: string;
}

/** Reads the values of YAML nodes, with aliases and merge keys resolved. */
export class NodeReader {
  readonly problems: NodeProblem[] = [];
  readonly #root: Node | null;
  readonly #targets = new Map<Alias, Node>();
  #expanded = 0;

  constructor(document: Document) {
    this.#root = document.contents;
    const anchors = new Map<string, Node>();
    visit(document, {
      Node: (_, node) => {
        const target = isAlias(node) ? anchors.get(node.source) : undefined;
        if (isAlias(node)) {
          if (target !== undefined) this.#targets.set(node, target);
        } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
  }

  get hasAliases(): boolean {
    return this.#targets.size > 0;
  }

  /** Returns the node that an alias stands for, or the node itself. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }

  valueOf(node: unknown, location: Location = [], around: readonly unknown[] = []): Value {
    this.#expanded += 1;
    if (this.#expanded > maxExpandedNodes) return this.#report(node, 'the aliases expand to too many values');
    const target = this.resolve(node);
    if (around.includes(target)) {
      return this.#report(node, `${formatLocation(location)} is an alias of a value that contains it`);
    }
    if (isScalar(target)) return this.#scalar(target, node, location);
    const inside = [...around, target];
    if (isSeq(target)) return target.items.map((item, index) => this.valueOf(item, [...location, index], inside));
    if (!isMap(target)) return null;
    const entries = this.entriesOf(target).map(([key, item]): [string, Value] => [
      key,
      this.valueOf(item, [...location, key], inside),
    ]);
    return Object.fromEntries(entries);
  }

  /** Returns the entries of a map in their order. Own keys win over merged keys, and earlier merged maps over later ones. */
  entriesOf(map: YAMLMap, around: readonly YAMLMap[] = []): [string, unknown][] {
    if (around.includes(map)) {
      this.#report(map, 'a merge key refers to a map that contains it');
      return [];
    }
    const own = map.items
      .filter((pair) => !isMerge(pair))
      .map((pair): [string, unknown] => [this.keyOf(pair), pair.value]);
    const ownKeys = new Map<string, unknown>(own);
    if (ownKeys.size < own.length) this.#reportDuplicates(map);
    const entries = new Map<string, unknown>();
    for (const pair of map.items) {
      if (!isMerge(pair)) {
        entries.set(this.keyOf(pair), pair.value);
        continue;
      }
      for (const [key, item] of this.mergedMaps(pair).flatMap((source) => this.entriesOf(source, [...around, map]))) {
        if (!ownKeys.has(key) && !entries.has(key)) entries.set(key, item);
      }
    }
    return [...entries];
  }

  /** Returns the maps that a merge key refers to. */
  mergedMaps({ value }: Pair): YAMLMap[] {
    const target = this.resolve(value);
    const sources = isSeq(target) ? target.items.map((item) => this.resolve(item)) : [target];
    return sources.flatMap((source) => {
      if (isMap(source)) return [source];
      this.#report(value, 'a merge key takes a map or a list of maps');
      return [];
    });
  }

  /** Returns a key as text, as JSON has it. */
  keyOf({ key }: Pair): string {
    const target = this.resolve(key);
    if (isScalar(target) && typeof target.value === 'string') return target.value;
    if (isScalar(target) && target.value !== null) return target.source ?? String(target.value);
    const what = isCollection(target) ? 'a list or an object' : 'empty';
    this.#report(target ?? key, `a key is ${what}, which JSON does not allow`);
    return '';
  }

  /** Returns the node at `location`, or the nearest existing one around it. */
  nearest(location: Location): unknown {
    let node: unknown = this.#root;
    for (const part of location) {
      const target = this.resolve(node);
      let next: unknown;
      if (isSeq(target)) next = target.items[Number(part)];
      else if (isMap(target)) next = this.entriesOf(target).find(([key]) => key === part)?.[1];
      if (!isNode(next)) return node;
      node = next;
    }
    return node;
  }

  #scalar(scalar: Scalar, node: unknown, location: Location): Value {
    const { value, source } = scalar;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    // A merge key's symbol: a plain << that is not a key.
    if (typeof value === 'symbol') return source ?? '<<';
    if (typeof value === 'number') {
      const read = readNumber(source ?? String(value));
      if (read !== undefined) return read;
      if (Number.isSafeInteger(value)) return value;
    }
    return this.#report(node, `${formatLocation(location)} is ${source ?? String(value)}, which JSON does not allow`);
  }

  #reportDuplicates(map: YAMLMap): void {
    const seen = new Set<string>();
    for (const pair of map.items) {
      const key = this.keyOf(pair);
      if (seen.has(key)) this.#report(pair.key, 'duplicate key');
      seen.add(key);
    }
  }

  #report(node: unknown, message: string): null {
    if (!this.problems.some((problem) => problem.node === node && problem.message === message)) {
      this.problems.push({ node, message });
    }
    return null;
  }
}
