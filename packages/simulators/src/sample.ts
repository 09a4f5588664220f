import type { Operation, VendorDocument } from './documents.ts';
import { resolved } from './documents.ts';
import { isRecord, type JsonRecord, recordOf } from './record.ts';

/** The response to an operation taken from the document: its example, or a value made from its schema. */
export interface DocumentedAnswer {
  readonly status: number;
  readonly media?: string;
  readonly body?: unknown;
}

/** Returns the documented response of an operation for which the simulator keeps no state. */
export function documentedAnswer(document: VendorDocument, operation: Operation): DocumentedAnswer {
  const status = Object.keys(operation.responses ?? {}).find((code) => /^2\d\d$/.test(code)) ?? '200';
  const [media, content] = Object.entries(recordOf(operation.responses?.[status]?.content))[0] ?? [];
  if (media === undefined) return { status: Number(status) };
  const { example, examples, schema } = recordOf(content);
  const first = Object.values(recordOf(examples))[0];
  const body = example ?? resolved(document.json, first).value ?? sampled(document.json, schema);
  return { status: Number(status), media, body };
}

/** Returns a value that the schema allows; prefers its examples. */
function sampled(json: JsonRecord, value: unknown, depth = 0): unknown {
  const schema = resolved(json, value);
  if (schema.example !== undefined) return schema.example;
  if (Array.isArray(schema.examples)) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (depth > 8) return null;
  const parts = schema.allOf ?? schema.oneOf ?? schema.anyOf;
  if (Array.isArray(schema.allOf)) {
    return Object.assign(
      {},
      sampledObject(json, schema, depth),
      ...schema.allOf.map((part) => sampled(json, part, depth + 1)),
    );
  }
  if (Array.isArray(parts)) return sampled(json, parts[0], depth + 1);
  return sampledType(json, schema, depth);
}

function sampledType(json: JsonRecord, schema: JsonRecord, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'array':
      return schema.items === undefined ? [] : [sampled(json, schema.items, depth + 1)];
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return sampledObject(json, schema, depth);
  }
}

function sampledObject(json: JsonRecord, schema: JsonRecord, depth: number): JsonRecord {
  if (!isRecord(schema.properties)) return {};
  return Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [name, sampled(json, property, depth + 1)]),
  );
}
