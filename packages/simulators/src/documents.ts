import { createRequire } from 'node:module';
import type { Addition } from './addition.ts';
import { additions } from './generated/operation-ids.ts';
import { isRecord, type JsonRecord, recordOf, recordsOf, textOf } from './record.ts';
import type { Vendor } from './vendor.ts';

/** One operation of a vendor, with references resolved one level deep. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  /** Path as in the document, without the base path of the server. */
  readonly path: string;
  /** Is in the vendor's published document, not an addition of the overlay or of the simulator. */
  readonly isPublished: boolean;
  /** Requires no credentials. */
  readonly public: boolean;
  readonly parameters: readonly JsonRecord[];
  readonly requestBody?: JsonRecord | undefined;
  /** Responses by status code or `default`. Undefined when the document does not have the operation. */
  readonly responses?: Readonly<Record<string, JsonRecord>>;
}

/** A vendor's patched OpenAPI document. */
export interface VendorDocument {
  readonly vendor: Vendor;
  readonly json: JsonRecord;
  /** The vendor's real base URL: the first server of the document. */
  readonly baseUrl: string;
  readonly operations: readonly Operation[];
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
    operations: withAdditions(operationsOf(json), additions[vendor]),
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

function operationsOf(json: JsonRecord): Operation[] {
  return Object.entries(recordOf(json.paths)).flatMap(([path, item]) => {
    const shared = recordsOf(recordOf(item), 'parameters');
    return Object.entries(recordOf(item))
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, value]) => {
        const operation = recordOf(value);
        const security = operation.security ?? json.security;
        return {
          id: textOf(operation, 'operationId') ?? `${method} ${path}`,
          method: method.toUpperCase(),
          path,
          isPublished: operation['x-undocumented'] !== true,
          public: Array.isArray(security) && security.length === 0,
          parameters: [...shared, ...recordsOf(operation, 'parameters')].map((parameter) => resolved(json, parameter)),
          requestBody: isRecord(operation.requestBody) ? resolved(json, operation.requestBody) : undefined,
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

/** Appends the additions. One that the document has by now keeps its name, and is validated. */
function withAdditions(documented: readonly Operation[], added: readonly Addition[]): Operation[] {
  const routeOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) =>
    `${method} ${path.replace(/\{\w+\}/g, '{}')}`;
  const names = new Map(added.map((addition) => [routeOf(addition), addition.id]));
  const routes = new Set(documented.map(routeOf));
  return [
    ...documented.map((operation) => ({ ...operation, id: names.get(routeOf(operation)) ?? operation.id })),
    ...added
      .filter((addition) => !routes.has(routeOf(addition)))
      .map(({ id, method, path, hasBody }) => ({
        id,
        method,
        path,
        isPublished: false,
        public: false,
        parameters: [],
        requestBody: hasBody === true ? {} : undefined,
      })),
  ];
}
