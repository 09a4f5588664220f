import { mostSimilar } from '@gpu-clouds/clouds/pure';
import { z } from 'zod';
import { type Job, jobFieldsOf } from './job-schema.ts';

/** Returns sentences that name the field, what is wrong with it, and which values are allowed. */
export function describeIssue(issue: z.core.$ZodIssue, source: unknown): readonly string[] {
  if (issue.code !== 'unrecognized_keys') return [describe(issue, source)];
  const { path, keys } = issue;
  const [mode, other] = modesOf(source);
  const misplaced = keys.filter((key) => schemaAt(other, [...path, key]) !== undefined);
  const unknown = keys.filter((key) => !misplaced.includes(key)).map(quoted);
  const where = path.length === 0 ? 'a job' : fieldName(path);
  const fields = Object.keys(shapeOf(schemaAt(mode, path)));
  const meant = [...new Set(keys.flatMap((key) => mostSimilar(key, fields) ?? []))].map(quoted).join(' and ');
  const hint = meant === '' ? '' : ` (did you mean ${meant}?)`;
  return [
    ...misplaced.map((key) => `${fieldName([...path, key])}: ${misplacement(path, mode, other)}`),
    ...(unknown.length === 0
      ? []
      : [`${where} has no field ${unknown.join(', ')}${hint}; allowed are ${fields.join(', ')}`]),
  ];
}

/** Both modes have a container, so one with fields of the other mode was probably meant for that. */
function misplacement([first]: readonly PropertyKey[], mode: Job['mode'], other: Job['mode']): string {
  if (first === 'container') return `needs mode: ${other}; set that, or remove it`;
  return `does not apply to mode: ${mode}; remove it`;
}

function describe(issue: z.core.$ZodIssue, source: unknown): string {
  const field = fieldName(issue.path);
  const value = valueAt(source, issue.path);
  switch (issue.code) {
    case 'invalid_value':
      return `${field} must be one of ${issue.values.map(String).join(', ')}, not ${shown(value)}`;
    case 'invalid_type':
      return value === undefined
        ? `${field} is missing; it must be ${neededAt(issue, source)}`
        : `${field} must be ${nameOfType(issue.expected)}, not ${shown(value)}`;
    case 'invalid_union': {
      if ('options' in issue) {
        const options = issue.options?.filter((option) => option !== undefined) ?? [];
        return `${field} must be one of ${options.join(', ')}, not ${shown(value)}`;
      }
      const inner = issue.errors.find((branch) => branch.some(({ code }) => code === 'custom'))?.[0];
      if (issue.path[0] === 'env') return `${field} must be text, a number, true, or false, not ${shown(value)}`;
      if (inner !== undefined) return `${fieldName([...issue.path, ...inner.path])}: ${inner.message}`;
      return `${field} must be a name or a list of names, not ${shown(value)}`;
    }
    case 'too_small':
      return `${field} must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unitOf(issue.origin)}, not ${shown(value)}`;
    case 'too_big':
      return `${field} must be at most ${issue.maximum}${unitOf(issue.origin)}, not ${shown(value)}`;
    case 'invalid_format':
      return `${field} is ${shown(value)}: ${issue.message}`;
    case 'invalid_key': {
      const [inner] = issue.issues;
      return `${field}: ${inner?.message ?? issue.message}`;
    }
    default:
      return field === '' ? issue.message : `${field}: ${issue.message}`;
  }
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) => (typeof key === 'number' ? `${name}[${key}]` : name === '' ? String(key) : `${name}.${String(key)}`),
    '',
  );
}

function valueAt(source: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    source,
  );
}

/** The mode of the job, and the other one. */
function modesOf(source: unknown): readonly [mode: Job['mode'], other: Job['mode']] {
  return valueAt(source, ['mode']) === 'job-deployment'
    ? ['job-deployment', 'instance']
    : ['instance', 'job-deployment'];
}

/** Undefined if a job of this mode has no such field. */
function schemaAt(mode: Job['mode'], path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((schema, key) => {
    const inner = unwrapped(schema);
    return inner instanceof z.ZodArray ? inner.element : Reflect.get(shapeOf(inner), key);
  }, jobFieldsOf[mode]);
}

function shapeOf(schema: unknown): object {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema;
}

/** What a missing field must be: of a mapping, also its required fields, and which mode does without the field. */
function neededAt({ path, expected }: z.core.$ZodIssueInvalidType, source: unknown): string {
  const [mode, other] = modesOf(source);
  const required = Object.entries(shapeOf(schemaAt(mode, path)))
    .filter(([, schema]) => schema instanceof z.ZodType && !schema.safeParse(undefined).success)
    .map(([name]) => name);
  const fields = required.length === 0 ? '' : ` with ${required.join(', ')}`;
  const isOwn = schemaAt(other, path.slice(0, -1)) !== undefined && schemaAt(other, path) === undefined;
  const unless = isOwn ? ` (only mode: ${mode} has it)` : '';
  return `${nameOfType(expected)}${fields}${unless}`;
}

function nameOfType(expected: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a string',
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
  };
  return words[expected] ?? expected;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' character';
  return origin === 'array' ? ' entry' : '';
}

function shown(value: unknown): string {
  // JSON has no infinite numbers.
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function quoted(text: string): string {
  return `"${text}"`;
}
