/** A schema as generation leaves it: the keywords that {@link check} knows, and no words for people. */
export interface AnswerSchema {
  /** Name of one of {@link AnswerSchemas.schemas}. */
  readonly $ref?: string;
  /** JSON types that are allowed. */
  readonly type?: string | readonly string[];
  /** Values that are allowed; others are drift only where `unknownValues` asks for them. */
  readonly enum?: readonly unknown[];
  /** The one value that is allowed. */
  readonly const?: unknown;
  /** `date-time`, `uuid` and the like, of texts. */
  readonly format?: string;
  /** The least number that is allowed. */
  readonly minimum?: number;
  /** The greatest number that is allowed. */
  readonly maximum?: number;
  /** Schemas of an object's known properties. */
  readonly properties?: Readonly<Record<string, AnswerSchema>>;
  /** Properties that have to be there. */
  readonly required?: readonly string[];
  /** Schema of the other properties; false when there are to be none. */
  readonly additionalProperties?: AnswerSchema | boolean;
  /** Schema of each item of an array. */
  readonly items?: AnswerSchema;
  /** All of these have to hold. */
  readonly allOf?: readonly AnswerSchema[];
  /** One of these has to hold. */
  readonly anyOf?: readonly AnswerSchema[];
  /** Values of a set that vendors extend: any other of the schema's type is no drift. */
  readonly known?: readonly unknown[];
}

/** What the patched document says of a vendor's answers. */
export interface AnswerSchemas {
  /** By operationId and status (`200`, `4XX`, `default`); null where an answer has no body. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, AnswerSchema | null>>>>;
  /** By the name that references use. */
  readonly schemas: Readonly<Record<string, AnswerSchema>>;
}

/** How an answer differs from the document. */
export interface DriftIssue {
  /** What is otherwise than the document says. */
  readonly kind:
    | 'missing'
    | 'type'
    | 'value'
    | 'range'
    | 'format'
    /** The document has no such answer of the operation. */
    | 'status'
    /** Only when asked for. */
    | 'unknown-field'
    /** Only when asked for. */
    | 'unknown-value';
  /** JSON Pointer into the answer: `/data/0/status`. */
  readonly path: string;
  /** What the document says and what was there, without the values of fields that may be secret. */
  readonly message: string;
}

/** Differences that are none by default: clients live with them. */
export interface DriftDetail {
  /** Report fields that the document does not have. Default: false. */
  readonly unknownFields?: boolean | undefined;
  /** Report values that an open set does not have yet. Default: false. */
  readonly unknownValues?: boolean | undefined;
}

interface Context extends DriftDetail {
  readonly schemas: AnswerSchemas['schemas'];
}

/**
 * Holds a JSON value against a schema. It interprets: compiled validators would need `eval`, which pages and workers
 * forbid, or ten times as many bytes as the schemas themselves.
 */
export function check(schema: AnswerSchema, value: unknown, path: string, context: Context): DriftIssue[] {
  const issues = checkShape(schema, value, path, context);
  if (context.unknownFields && isObject(value)) {
    const fields = fieldsOf(schema, context);
    for (const name of fields ? Object.keys(value) : []) {
      if (fields?.has(name)) continue;
      issues.push({ kind: 'unknown-field', path: at(path, name), message: 'is not in the document' });
    }
  }
  return issues;
}

function checkShape(schema: AnswerSchema, value: unknown, path: string, context: Context): DriftIssue[] {
  const issue = (kind: DriftIssue['kind'], message: string): DriftIssue => ({ kind, path, message });
  if (schema.$ref !== undefined) return checkShape(context.schemas[schema.$ref] ?? {}, value, path, context);
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value))) {
    return [issue('type', `must be ${types.join(' or ')}, is ${typeOf(value)}`)];
  }
  const issues: DriftIssue[] = [];
  const allowed = schema.enum ?? ('const' in schema ? [schema.const] : undefined);
  if (allowed && !allowed.includes(value))
    issues.push(issue('value', `must be ${list(allowed)}, is ${show(value, path)}`));
  if (context.unknownValues && schema.known && value !== null && !schema.known.includes(value)) {
    issues.push(issue('unknown-value', `is ${show(value, path)}, so far ${list(schema.known)}`));
  }
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (value < minimum || value > maximum) issues.push(issue('range', `must be from ${minimum} to ${maximum}`));
  }
  if (typeof value === 'string' && schema.format && !(formats[schema.format]?.(value) ?? true)) {
    issues.push(issue('format', `must be a ${schema.format}`));
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items) issues.push(...value.flatMap((item, index) => check(items, item, at(path, `${index}`), context)));
  } else if (isObject(value)) issues.push(...checkObject(schema, value, path, context));
  for (const part of schema.allOf ?? []) issues.push(...checkShape(part, value, path, context));
  if (schema.anyOf) issues.push(...nearest(schema.anyOf.map((branch) => checkShape(branch, value, path, context))));
  return issues;
}

function checkObject(
  { required = [], properties = {}, additionalProperties }: AnswerSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  context: Context,
): DriftIssue[] {
  const issues = required
    .filter((name) => !Object.hasOwn(value, name))
    .map((name): DriftIssue => ({ kind: 'missing', path: at(path, name), message: 'is missing' }));
  for (const [name, item] of Object.entries(value)) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (typeof schema === 'object') issues.push(...check(schema, item, at(path, name), context));
  }
  return issues;
}

/** What is wrong with the branch of a union that fits best. */
function nearest(branches: readonly DriftIssue[][]): DriftIssue[] {
  const depth = (issues: readonly DriftIssue[]) => Math.max(...issues.map(({ path }) => path.split('/').length));
  const [best = []] = [...branches].sort(
    (one, other) =>
      Math.sign(one.length) - Math.sign(other.length) || depth(other) - depth(one) || one.length - other.length,
  );
  return best;
}

/** Names of the properties that a schema knows, in any branch; undefined where every name is welcome. */
function fieldsOf(schema: AnswerSchema, context: Context): Set<string> | undefined {
  if (schema.$ref !== undefined) return fieldsOf(context.schemas[schema.$ref] ?? {}, context);
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) return undefined;
  const parts = [...(schema.allOf ?? []), ...(schema.anyOf ?? [])].map((part) => fieldsOf(part, context));
  const own = schema.properties && Object.keys(schema.properties);
  const known = parts.filter((part) => part !== undefined);
  return own || known.length > 0 ? new Set([...(own ?? []), ...known.flatMap((part) => [...part])]) : undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const isOf = (type: string, value: unknown) => (type === 'integer' ? Number.isInteger(value) : typeOf(value) === type);

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => /^\d{4}-\d\d-\d\d[T ]/i.test(text) && !Number.isNaN(Date.parse(text)),
  uuid: (text) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text),
  uri: (text) => URL.canParse(text),
};

const at = (path: string, name: string) => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

const list = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(' or ');

/** A value for a message: short, and not at all where its name is that of a secret. */
function show(value: unknown, path: string): string {
  if (typeof value === 'object' && value !== null) return typeOf(value);
  if (/pass|secret|token|key[^/]*$/i.test(path)) return 'another value';
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
