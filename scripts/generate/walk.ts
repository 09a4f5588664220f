/** The kind of a node in an OpenAPI document. It decides which nodes it can contain. */
export type Kind =
  | 'document'
  | 'components'
  | 'pathItem'
  | 'operation'
  | 'parameter'
  | 'requestBody'
  | 'response'
  | 'mediaType'
  | 'schema';

export interface Node {
  readonly kind: Kind;
  readonly value: Record<string, unknown>;
  readonly path: readonly string[];
}

type Child = readonly [shape: 'one' | 'list' | 'map', kind: Kind];

/** The child nodes of each kind. Callbacks and links are omitted, because no vendor has any. */
const children: Record<Kind, Record<string, Child>> = {
  document: { paths: ['map', 'pathItem'], webhooks: ['map', 'pathItem'], components: ['one', 'components'] },
  components: {
    schemas: ['map', 'schema'],
    parameters: ['map', 'parameter'],
    headers: ['map', 'parameter'],
    requestBodies: ['map', 'requestBody'],
    responses: ['map', 'response'],
    pathItems: ['map', 'pathItem'],
  },
  pathItem: {
    parameters: ['list', 'parameter'],
    get: ['one', 'operation'],
    put: ['one', 'operation'],
    post: ['one', 'operation'],
    patch: ['one', 'operation'],
    delete: ['one', 'operation'],
  },
  operation: {
    parameters: ['list', 'parameter'],
    requestBody: ['one', 'requestBody'],
    responses: ['map', 'response'],
  },
  parameter: { schema: ['one', 'schema'], content: ['map', 'mediaType'] },
  requestBody: { content: ['map', 'mediaType'] },
  response: { headers: ['map', 'parameter'], content: ['map', 'mediaType'] },
  mediaType: { schema: ['one', 'schema'] },
  schema: {
    properties: ['map', 'schema'],
    patternProperties: ['map', 'schema'],
    dependentSchemas: ['map', 'schema'],
    $defs: ['map', 'schema'],
    allOf: ['list', 'schema'],
    anyOf: ['list', 'schema'],
    oneOf: ['list', 'schema'],
    prefixItems: ['list', 'schema'],
    items: ['one', 'schema'],
    contains: ['one', 'schema'],
    additionalProperties: ['one', 'schema'],
    unevaluatedProperties: ['one', 'schema'],
    unevaluatedItems: ['one', 'schema'],
    propertyNames: ['one', 'schema'],
    not: ['one', 'schema'],
    if: ['one', 'schema'],
    // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword.
    then: ['one', 'schema'],
    else: ['one', 'schema'],
  },
};

/** Returns every node in `value`, parents before children, in the document's order. Does not follow references. */
export function walk(value: unknown): readonly Node[] {
  const nodes: Node[] = [];
  collect(value, 'document', [], nodes);
  return nodes;
}

function collect(value: unknown, kind: Kind, path: readonly string[], nodes: Node[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const node = value as Record<string, unknown>;
  nodes.push({ kind, value: node, path });
  const forms = children[kind];
  for (const key in forms) {
    const child = node[key];
    const [shape, childKind] = forms[key] ?? [];
    if (child === undefined || childKind === undefined) continue;
    if (shape === 'one') collect(child, childKind, [...path, key], nodes);
    else if (typeof child === 'object' && child !== null) {
      for (const [name, member] of Object.entries(child)) collect(member, childKind, [...path, key, name], nodes);
    }
  }
}

/** Returns every schema of the document. */
export function schemasOf(document: object): readonly Node[] {
  return walk(document).filter(({ kind }) => kind === 'schema');
}

/** The innermost node along a path, and what of the path lies inside it. */
export interface NodeAlong {
  readonly kind: Kind;
  /** The name that holds the node in its parent, such as `properties`. Empty for the document. */
  readonly shape: string;
  readonly rest: readonly string[];
}

/** Returns the kind of the innermost node along a path. Every name in the path counts, whether or not a document has it. */
export function kindAlong(path: readonly string[], kind: Kind = 'document', shape = ''): NodeAlong {
  const [key, member, ...rest] = path;
  const [form, inner] = (key === undefined ? undefined : children[kind][key]) ?? [];
  if (key === undefined || form === undefined || inner === undefined) return { kind, shape, rest: path };
  if (form === 'one') return kindAlong(path.slice(1), inner, key);
  return member === undefined ? { kind, shape, rest: path } : kindAlong(rest, inner, key);
}
