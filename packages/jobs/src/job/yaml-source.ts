import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';

/** The content of a file, and where each part of it is. */
export interface YamlSource {
  readonly source: unknown;
  /** Returns where a field is, or the innermost mapping or list around it: `line 3, column 5`, counted from 1. */
  readonly placeOf: (path: readonly PropertyKey[]) => string | undefined;
}

/** Returns the content of a YAML or JSON file, or one sentence about why it cannot be parsed. */
export function yamlSource(text: string): YamlSource | { readonly issue: string } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: true, logLevel: 'error', lineCounter });
  const [broken] = document.errors;
  if (broken?.code === 'MULTIPLE_DOCS') return { issue: 'it has several documents, separated by "---"; keep one' };
  if (broken !== undefined) return { issue: (broken.message.split('\n')[0] ?? '').replace(/:$/, '') };
  const { contents } = document;
  for (const path of [['env'], ['job', 'env'], ['matrix']]) keepText(nodeAt(contents, path));
  visit(document, {
    // `.inf`, `.nan`, and `1e400` are no numbers for a job. As text they are refused as they are written.
    Scalar(_key, node) {
      if (typeof node.value === 'number' && !Number.isFinite(node.value)) node.value = node.source;
    },
  });
  const items = nodeAt(contents, ['items']);
  if (isSeq(items)) for (const item of items.items) keepText(nodeAt(item, ['env']));
  const placeOf = (path: readonly PropertyKey[]): string | undefined => {
    const node = fieldAt(contents, path);
    if (!isNode(node) || !node.range) return path.length === 0 ? undefined : placeOf(path.slice(0, -1));
    const { line, col } = lineCounter.linePos(node.range[0]);
    return `line ${line}, column ${col}`;
  };
  try {
    return { source: document.toJS(), placeOf };
  } catch (error) {
    // Aliases are resolved only here. This fails if an anchor is missing, or if there are suspiciously many of them.
    return { issue: `its aliases cannot be resolved: ${error instanceof Error ? error.message : error}` };
  }
}

function nodeAt(node: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner, key) => (isMap(inner) || isSeq(inner) ? inner.get(key, true) : undefined), node);
}

/** Returns the name of a field of a mapping, or an entry of a list. */
function fieldAt(node: unknown, path: readonly PropertyKey[]): unknown {
  const mapping = nodeAt(node, path.slice(0, -1));
  if (path.length === 0 || !isMap(mapping)) return nodeAt(node, path);
  return mapping.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))?.key;
}

/** Environment variables are text: `3.10`, `007`, and `1e-5` mean what is written, not the numbers that YAML reads. */
function keepText(node: unknown): void {
  if (isMap(node)) for (const { value } of node.items) keepText(value);
  else if (isSeq(node)) for (const item of node.items) keepText(item);
  else if (isScalar(node) && isUnquoted(node.value)) node.value = node.source ?? node.value;
}

function isUnquoted(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}
