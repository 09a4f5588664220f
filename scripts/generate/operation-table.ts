import type { Operation } from '@gpu-clouds/core';
import { credentialPlace } from './body-credentials.ts';
import { GenerationError } from './generation-error.ts';
import { type Document, listOperations, type OperationEntry, type RequestBody, resolve } from './openapi.ts';
import { pageRuleOf } from './page-rules.ts';
import type { VendorRules } from './vendor-rules.ts';

/** Returns the runtime's data for each operation, by operationId, in the document's order. */
export function operationTable(document: Document, rules: VendorRules): Record<string, Operation> {
  const entries = listOperations(document);
  refuseStrayRules(entries, rules);
  return Object.fromEntries(entries.map((entry) => [entry.id, rowOf(document, entry, rules)]));
}

function rowOf(document: Document, entry: OperationEntry, rules: VendorRules): Operation {
  const body = bodyOf(document, entry);
  const pages = pageRuleOf(document, entry, rules);
  return {
    method: entry.method.toUpperCase() as Operation['method'],
    path: entry.path,
    ...(body && { body }),
    security: securityOf(document, entry, rules),
    repeatable: isRepeatable(entry, rules),
    ...(rules.repeatable[entry.id]?.readOnly && { readOnly: true }),
    ...(hasIdempotencyKey(entry) && { idempotencyKey: true }),
    ...(pages && { pages }),
  };
}

function bodyOf(document: Document, { id, operation }: OperationEntry): Operation['body'] {
  if (operation.requestBody === undefined) return undefined;
  const types = Object.keys(resolve<RequestBody>(document, operation.requestBody).content);
  const [type] = types;
  if (types.length === 1 && (type === 'application/json' || type === 'application/x-www-form-urlencoded')) return type;
  throw new GenerationError(`${id} takes ${types.join(', ')}. Clients send either JSON or a URL-encoded form.`);
}

/** Returns the names of the security schemes, or `form` if the credentials are fields of the body. */
function securityOf(document: Document, entry: OperationEntry, { bodyCredentials }: VendorRules): string[] {
  const alternatives = entry.operation.security ?? document.security ?? [];
  const [first = {}] = alternatives;
  if (alternatives.length > 1)
    throw new GenerationError(`${entry.id} has alternative security schemes. Clients support one.`);
  const schemes = Object.keys(first);
  if (!bodyCredentials) return schemes;
  const place = credentialPlace(document, entry, bodyCredentials);
  if ((place === 'query') !== schemes.length > 0) {
    throw new GenerationError(`${entry.id} has x-credentials: ${place}, but its security is [${schemes.join(', ')}].`);
  }
  return place === 'form' ? ['form'] : schemes;
}

function isRepeatable({ id, method }: OperationEntry, rules: VendorRules): boolean {
  const byMethod = method === 'get' || method === 'put' || method === 'delete';
  const exception = rules.repeatable[id];
  if (exception?.repeatable === byMethod) {
    throw new GenerationError(`${id} has a redundant exception: ${method.toUpperCase()} implies the same.`);
  }
  return exception?.repeatable ?? byMethod;
}

function hasIdempotencyKey({ parameters }: OperationEntry): boolean {
  return parameters.some(({ name, in: place }) => place === 'header' && name.toLowerCase() === 'idempotency-key');
}

/** Throws if a rule names an operation that the document lacks. The rule would stay unused unnoticed. */
function refuseStrayRules(entries: readonly OperationEntry[], rules: VendorRules): void {
  const known = new Set(entries.map(({ id }) => id));
  const named = [...Object.keys(rules.repeatable), ...rules.pages.flatMap(({ operations }) => operations)];
  const stray = named.filter((id) => !known.has(id));
  if (stray.length > 0) {
    throw new GenerationError(
      `specs/${rules.vendor}/rules.ts has rules for operations that the document lacks: ${stray.join(', ')}.`,
    );
  }
}
