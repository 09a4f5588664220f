import { createRequire } from 'node:module';
import { isRecord, type JsonRecord, recordOf, recordsOf, textOf } from './record.ts';
import type { Vendor } from './vendor.ts';

/** One operation of a vendor's patched OpenAPI document, with references resolved one level deep. */
export interface DocumentedOperation {
  readonly id: string;
  readonly method: string;
  /** Path as in the document, without the base path of the server. */
  readonly path: string;
  readonly parameters: readonly JsonRecord[];
  readonly requestBody?: JsonRecord;
  /** Responses by status code or `default`. */
  readonly responses: Readonly<Record<string, JsonRecord>>;
}

/** A vendor's patched OpenAPI document. */
export interface VendorDocument {
  readonly vendor: Vendor;
  readonly json: JsonRecord;
  /** The vendor's real base URL: the first server of the document. */
  readonly baseUrl: string;
  readonly operations: readonly DocumentedOperation[];
}

const require = createRequire(import.meta.url);
const loaded = new Map<Vendor, VendorDocument>();

/** Returns the patched document from which the vendor's client is generated. */
export function documentOf(vendor: Vendor): VendorDocument {
  const known = loaded.get(vendor);
  if (known !== undefined) return known;
  const json = recordOf(require(`@gpu-clouds/${vendor}/openapi.json`));
  const document = {
    vendor,
    json,
    baseUrl: textOf(recordsOf(json, 'servers')[0] ?? {}, 'url') ?? '',
    operations: operationsOf(json),
  };
  loaded.set(vendor, document);
  return document;
}

/** Returns the record that `value` holds, following `$ref`. */
export function resolved(json: JsonRecord, value: unknown): JsonRecord {
  let current = recordOf(value);
  for (let ref = textOf(current, '$ref'); ref !== undefined; ref = textOf(current, '$ref')) {
    current = recordOf(pointed(json, ref.slice(2).split('/')));
  }
  return current;
}

function pointed(json: JsonRecord, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, part) => recordOf(at)[part.replaceAll('~1', '/').replaceAll('~0', '~')], json);
}

function operationsOf(json: JsonRecord): DocumentedOperation[] {
  return Object.entries(recordOf(json.paths)).flatMap(([path, item]) => {
    const shared = recordsOf(recordOf(item), 'parameters');
    return Object.entries(recordOf(item))
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, value]) => {
        const operation = recordOf(value);
        return {
          id: textOf(operation, 'operationId') ?? `${method} ${path}`,
          method: method.toUpperCase(),
          path,
          parameters: [...shared, ...recordsOf(operation, 'parameters')].map((parameter) => resolved(json, parameter)),
          ...(isRecord(operation.requestBody) ? { requestBody: resolved(json, operation.requestBody) } : {}),
          responses: Object.fromEntries(
            Object.entries(recordOf(operation.responses)).map(([status, response]) => [
              status,
              resolved(json, response),
            ]),
          ),
        };
      });
  });
}
