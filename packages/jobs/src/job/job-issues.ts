import { z } from 'zod';
import { jobFileSchema } from './checked-job-schema.ts';

/** Returns one sentence that names the field, what is wrong with it, and which values are allowed. */
export function describeIssue(issue: z.core.$ZodIssue, source: unknown): string {
  const field = fieldName(issue.path);
  const value = valueAt(source, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = allowedFields(issue.path);
      const where = issue.path.length === 0 ? 'a job' : field;
      return `${where} has no field ${issue.keys.map(quoted).join(', ')}; allowed are ${allowed.join(', ')}`;
    }
    case 'invalid_value':
      return `${field} must be one of ${issue.values.map(String).join(', ')}, not ${shown(value)}`;
    case 'invalid_type':
      return value === undefined
        ? `${field} is missing; it must be ${nameOfType(issue.expected)}`
        : `${field} must be ${nameOfType(issue.expected)}, not ${shown(value)}`;
    case 'invalid_union': {
      const inner = issue.errors.find((branch) => branch.some(({ code }) => code === 'custom'))?.[0];
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

function allowedFields(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = jobFileSchema;
  for (const key of path) {
    schema = unwrapped(schema);
    if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodObject) schema = Reflect.get(schema.shape, key);
  }
  schema = unwrapped(schema);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? unwrapped(schema.unwrap()) : schema;
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
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function quoted(text: string): string {
  return `"${text}"`;
}
