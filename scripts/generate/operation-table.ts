import type { Operation } from '@gpu-clouds/core';
import { credentialPlace } from './body-credentials.ts';
import { GenerationError } from './generation-error.ts';
import { type Document, listOperations, type OperationEntry, type RequestBody, resolve } from './openapi.ts';
import { pageRuleOf } from './page-rules.ts';
import type { VendorRules } from './vendor-rules.ts';

/** What the runtime has to know of each operation, by operationId, in the document's order. */
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
    ...(hasIdempotencyKey(entry) && { idempotencyKey: true }),
    ...(pages && { pages }),
  };
}

function bodyOf(document: Document, { id, operation }: OperationEntry): Operation['body'] {
  if (operation.requestBody === undefined) return undefined;
  const types = Object.keys(resolve<RequestBody>(document, operation.requestBody).content);
  const [type] = types;
  if (types.length === 1 && (type === 'application/json' || type === 'application/x-www-form-urlencoded')) return type;
  throw new GenerationError(`${id} takes ${types.join(', ')}; clients send one of JSON and URL-encoded forms.`);
}

/** Scheme names, or `form` where the credentials are fields of the body. */
function securityOf(document: Document, entry: OperationEntry, { bodyCredentials }: VendorRules): string[] {
  const alternatives = entry.operation.security ?? document.security ?? [];
  const [first = {}] = alternatives;
  if (alternatives.length > 1)
    throw new GenerationError(`${entry.id} lets the caller choose between security schemes.`);
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
    throw new GenerationError(`${id} is declared an exception, yet ${method.toUpperCase()} says the same.`);
  }
  return exception?.repeatable ?? byMethod;
}

function hasIdempotencyKey({ parameters }: OperationEntry): boolean {
  return parameters.some(({ name, in: place }) => place === 'header' && name.toLowerCase() === 'idempotency-key');
}

/** A rule about an operation that is not in the document would be forgotten there for ever. */
function refuseStrayRules(entries: readonly OperationEntry[], rules: VendorRules): void {
  const known = new Set(entries.map(({ id }) => id));
  const named = [...Object.keys(rules.repeatable), ...rules.pages.flatMap(({ operations }) => operations)];
  const stray = named.filter((id) => !known.has(id));
  if (stray.length > 0) {
    throw new GenerationError(`scripts/generate/vendors.ts has rules for ${stray.join(', ')}, not in the document.`);
  }
}
