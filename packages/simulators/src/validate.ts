import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Operation, VendorDocument } from './documents.ts';
import { isRecord, type JsonRecord, recordOf, textOf } from './record.ts';

/**
 * Validates requests and responses against a vendor's patched document. Each method returns the problem, or undefined.
 */
export interface Validator {
  body(operation: Operation, media: string, body: unknown): string | undefined;
  query(operation: Operation, query: URLSearchParams): string | undefined;
  answer(operation: Operation, status: number, media: string | undefined, body: unknown): string | undefined;
}

const validators = new Map<VendorDocument, Validator>();

/** Returns the validator of a document. It is cached, because compiling the schemas is slow. */
export function validatorOf(document: VendorDocument): Validator {
  const known = validators.get(document) ?? createValidator(document);
  validators.set(document, known);
  return known;
}

function createValidator(document: VendorDocument): Validator {
  const json = compiler(document, false);
  const form = compiler(document, true);
  return {
    body(operation, media, body) {
      const content = recordOf(operation.requestBody?.content);
      const schema = recordOf(content[media]).schema;
      if (schema === undefined) return undefined;
      const check = (media === 'application/json' ? json : form)(schema);
      return problemWith(check, structuredClone(body), '');
    },
    query(operation, query) {
      for (const parameter of operation.parameters) {
        const name = textOf(parameter, 'name') ?? '';
        if (parameter.in !== 'query' || !query.has(name) || parameter.schema === undefined) continue;
        // Ajv converts types only inside a containing object.
        const holder = { type: 'object', properties: { [name]: parameter.schema } };
        const problem = problemWith(form(holder), { [name]: query.get(name) }, '');
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
    answer(operation, status, media, body) {
      if (operation.responses === undefined) return undefined;
      const response = operation.responses[String(status)] ?? operation.responses[`${Math.floor(status / 100)}XX`];
      if (response === undefined) {
        return status < 300 ? `${operation.id} does not document the status ${status}` : undefined;
      }
      const content = recordOf(response.content);
      if (media === undefined || Object.keys(content).length === 0) return undefined;
      if (!isRecord(content[media]))
        return status < 300 ? `${operation.id} does not document ${media} for the status ${status}` : undefined;
      const { schema } = recordOf(content[media]);
      return schema === undefined ? undefined : problemWith(json(schema), body, `${operation.id} ${status}: `);
    },
  };
}

function compiler(document: VendorDocument, fromText: boolean): (schema: unknown) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: false, coerceTypes: fromText, logger: false });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: recordOf(document.json.components) });
  const compiled = new Map<unknown, ValidateFunction>();
  return (schema) => {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const check = ajv.compile(recordOf(rebased(schema)));
    compiled.set(schema, check);
    return check;
  };
}

/** Returns the schema with its references pointing to the registered document. */
function rebased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rebased);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      name === '$ref' && typeof child === 'string' ? child.replace(/^#/, 'document#') : rebased(child),
    ]),
  );
}

function problemWith(check: ValidateFunction, value: unknown, prefix: string): string | undefined {
  if (check(value)) return undefined;
  return prefix + (check.errors ?? []).map(messageOf).slice(0, 3).join('; ');
}

function messageOf(error: ErrorObject): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const params: JsonRecord = error.params;
  const allowed = Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : '';
  return `${path} ${error.message ?? 'is not valid'}${allowed}`.trim();
}
