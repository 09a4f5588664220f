import { isCollection, isMap, isScalar, isSeq, type Scalar, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { type ApplyOptions, applyStrictly } from './apply.ts';
import { yamlOptions } from './document.ts';
import { readNumber, textOf } from './exact-number.ts';
import { sameText, type Value } from './json.ts';
import type { Overlay } from './overlay.ts';
import { rewrite } from './rewrite.ts';
import { readSource, type Source, type Writing } from './source.ts';
import type { FileContent } from './utf8.ts';

/** A file's content with its name. */
export interface DocumentFile {
  /** Name of the file, for messages. */
  readonly file: string;
  /** The file's text, or its bytes, which must be UTF-8. */
  readonly content: FileContent;
}

/** How {@link applyOverlayToText} applies and writes. */
export interface TextOptions extends ApplyOptions {
  /** Format of the result. Default: the document's own. */
  readonly format?: 'yaml' | 'json' | undefined;
}

/**
 * Returns the text of the document with the overlay's actions applied. Numbers keep their notation and all their digits. Keys keep
 * their order. What no action touches keeps its comments, anchors, aliases, merge keys, and quotes; only line breaks and spaces
 * between values may change.
 *
 * @throws {OverlayError} as `applyOverlay` and `parseDocument` do, except that no number is too large
 */
export function applyOverlayToText(
  { file, content }: DocumentFile,
  overlay: Overlay,
  options: TextOptions = {},
): string {
  const source = readSource(content, file);
  const after = applyStrictly(source.value, overlay, options);
  const isJson = isJsonText(source.text);
  rewrite(source, after);
  const toJson = options.format === undefined ? isJson : options.format === 'json';
  if (!toJson && isJson) toBlocks(source);
  const texts = toJson ? [() => jsonText(source)] : [() => yamlText(source, !isJson), () => yamlText(source, false)];
  for (const write of texts) {
    const text = write();
    if (readsBackAs(text, after)) return text;
  }
  throw new Error(`${file}: the written text does not read back as the patched document. Please report this`);
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readsBackAs(text: string, value: Value): boolean {
  try {
    return sameText(readSource(text, '').value, value);
  } catch {
    return false;
  }
}

/** `verbatim` keeps line breaks, quotes, and spaces. The result is wrong if the text is indented in several ways. */
function yamlText({ yaml, text, writing }: Source, verbatim: boolean): string {
  writing.verbatim = verbatim;
  visit(yaml, {
    Collection(_, node) {
      if (node.flow && node.range) keepFlowText(node, text.slice(node.range[0], node.range[1]), writing);
    },
  });
  // The package does not see the anchors in text that is written as it was read.
  const written = yaml.toString({ ...yamlOptions, ...styleOf(text), lineWidth: 0, verifyAliasOrder: false });
  return text.includes('\r\n') ? written.replaceAll(/\r?\n/g, '\r\n') : written;
}

/** The yaml package has one setting for the spaces inside all `{ }` and `[ ]`. */
function keepFlowText(node: YAMLMap | YAMLSeq, raw: string, { verbatim, touched }: Writing): void {
  const write = node.toString.bind(node);
  const flowCollectionPadding = /^.\s/.test(raw) ? ' ' : '';
  node.toString = (context, ...rest) => {
    if (verbatim && !touched.has(node)) return raw;
    return write(context && { ...context, flowCollectionPadding }, ...rest);
  };
}

/** Returns how the text is indented. */
function styleOf(text: string): { indent: number; indentSeq: boolean } {
  const nested = /^(?:[^\s#-].*:[^\S\n]*\r?\n)(?:[^\S\n]*(?:#.*)?\r?\n)*( +)[^\s#-]/m.exec(text)?.[1];
  const list = /^( *)(?![\s#-])[^\n]*:[^\S\n]*\r?\n( *)- /m.exec(text);
  return {
    indent: nested?.length ?? 2,
    indentSeq: list === null || list[1] !== list[2],
  };
}

/** Turns the flow collections of JSON into YAML's block style. */
function toBlocks({ yaml }: Source): void {
  visit(yaml, {
    Node(_, node) {
      if (isCollection(node)) node.flow = node.items.length === 0;
      if (isScalar(node) && typeof node.value === 'string') delete node.type;
    },
  });
}

function jsonText(source: Source): string {
  const indent = /^\s*[[{]\r?\n([ \t]+)/.exec(source.text)?.[1] ?? '  ';
  const text = `${jsonOf(source, source.yaml.contents, '\n', indent)}\n`;
  return source.text.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}

function jsonOf(source: Source, node: unknown, lineBreak: string, indent: string): string {
  const target = source.reader.resolve(node);
  const inner = lineBreak + indent;
  if (isSeq(target)) {
    return wrap(
      '[]',
      target.items.map((item) => jsonOf(source, item, inner, indent)),
      lineBreak,
      inner,
    );
  }
  if (isMap(target)) {
    const entries = source.reader.entriesOf(target);
    return wrap(
      '{}',
      entries.map(([key, item]) => `${JSON.stringify(key)}: ${jsonOf(source, item, inner, indent)}`),
      lineBreak,
      inner,
    );
  }
  return isScalar(target) ? scalarText(target) : 'null';
}

function wrap(brackets: '[]' | '{}', items: readonly string[], lineBreak: string, inner: string): string {
  if (items.length === 0) return brackets;
  return `${brackets[0]}${inner}${items.join(`,${inner}`)}${lineBreak}${brackets[1]}`;
}

function scalarText({ value, source }: Scalar): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  return textOf(readNumber(source ?? String(value)) ?? value);
}
