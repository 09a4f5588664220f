/** A generated schema: the keywords that {@link check} supports, without descriptions. */
export interface AnswerSchema {
  /** Name of one of {@link AnswerSchemas.schemas}. */
  readonly $ref?: string;
  /** Allowed JSON types. */
  readonly type?: string | readonly string[];
  /** Allowed values. */
  readonly enum?: readonly unknown[];
  /** The only allowed value. */
  readonly const?: unknown;
  /** Format of a string: `date-time`, `uuid`, or `uri`. Other formats are not checked. */
  readonly format?: string;
  /** Smallest allowed number. */
  readonly minimum?: number;
  /** Largest allowed number. */
  readonly maximum?: number;
  /** Schemas of an object's properties. */
  readonly properties?: Readonly<Record<string, AnswerSchema>>;
  /** Names of the required properties. */
  readonly required?: readonly string[];
  /** Schema of all other properties, or false when there may be none. */
  readonly additionalProperties?: AnswerSchema | boolean;
  /** Schema of the items of an array. */
  readonly items?: AnswerSchema;
  /** All of these must match. */
  readonly allOf?: readonly AnswerSchema[];
  /** At least one of these must match. */
  readonly anyOf?: readonly AnswerSchema[];
  /** Known values of a set that the vendor may extend. Others are reported only by `unknownValues`. */
  readonly known?: readonly unknown[];
}

/** The response schemas of the patched document. */
export interface AnswerSchemas {
  /** Schemas by operationId and status (`200`, `4XX`, `default`). Null for a response without a body. */
  readonly operations: Readonly<Record<string, Readonly<Record<string, AnswerSchema | null>>>>;
  /** Schemas by the name that references use. */
  readonly schemas: Readonly<Record<string, AnswerSchema>>;
}

/** A difference between a response and the document. */
export interface DriftIssue {
  /** What differs. */
  readonly kind:
    | 'missing'
    | 'type'
    | 'value'
    | 'range'
    | 'format'
    /** The document has no such response of the operation. */
    | 'status'
    /** Reported only if `unknownFields` is set. */
    | 'unknown-field'
    /** Reported only if `unknownValues` is set. */
    | 'unknown-value';
  /** JSON Pointer into the response, such as `/data/0/status`. */
  readonly path: string;
  /** What the document says and what the response has. Values of fields that may be secret are left out. */
  readonly message: string;
}

/** Differences that are not reported by default, because clients tolerate them. */
export interface DriftDetail {
  /** True to report fields that are not in the document. Default: false. */
  readonly unknownFields?: boolean | undefined;
  /** True to report new values of a set that the vendor may extend. Default: false. */
  readonly unknownValues?: boolean | undefined;
}

interface Context extends DriftDetail {
  readonly schemas: AnswerSchemas['schemas'];
}

/**
 * Checks a JSON value against a schema by interpretation. Compiled validators need `eval`, which browsers and edge runtimes
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

/** Returns the issues of the branch of a union that matches best. */
function nearest(branches: readonly DriftIssue[][]): DriftIssue[] {
  const depth = (issues: readonly DriftIssue[]) => Math.max(...issues.map(({ path }) => path.split('/').length));
  const [best = []] = [...branches].sort(
    (one, other) =>
      Math.sign(one.length) - Math.sign(other.length) || depth(other) - depth(one) || one.length - other.length,
  );
  return best;
}

/** Returns the names of all properties of a schema and its branches, or undefined when any name is allowed. */
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

/** Returns a value for a message: shortened, and hidden when its name is that of a secret. */
function show(value: unknown, path: string): string {
  if (typeof value === 'object' && value !== null) return typeOf(value);
  if (/pass|secret|token|key[^/]*$/i.test(path)) return 'another value';
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
