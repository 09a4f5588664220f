import createFetchClient, { type HeadersOptions, mergeHeaders } from 'openapi-fetch';
import { parsed, read } from './answer.ts';
import type { Operation, OperationTable } from './operation.ts';
import type { Quirks } from './quirks.ts';
import { checkPath, serialization } from './request.ts';
import { type Asked, idempotencyHeader, type Transport } from './transport.ts';

/** What openapi-fetch takes for one request. */
export interface RawRequest {
  readonly params?: {
    readonly path?: Readonly<Record<string, unknown>> | undefined;
    readonly query?: Readonly<Record<string, unknown>> | undefined;
    readonly header?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly body?: unknown;
  readonly headers?: HeadersOptions;
  readonly parseAs?: string;
  readonly bodySerializer?: (body: unknown) => string;
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** openapi-fetch's client without the types that make it pleasant from outside and impossible to call from here. */
interface UntypedClient {
  request(method: string, path: string, request: RawRequest): Promise<{ error?: unknown; response: Response }>;
}

export interface RawClientSettings {
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly operations: OperationTable;
  readonly transport: Transport;
  readonly readers: Quirks['readers'];
  readonly ask: (operation: string, row: Operation, body?: unknown) => Asked;
}

const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** The openapi-fetch client, and a way through it, with its middleware, for the methods. */
export function createRawClient({ baseUrl, headers, operations, transport, readers, ask }: RawClientSettings) {
  const fetchClient = createFetchClient({ baseUrl, headers: { Accept: 'application/json', ...headers } });
  const { request: send } = fetchClient as unknown as UntypedClient;

  async function request(verb: string, path: string, init: RawRequest = {}) {
    const method = verb.toUpperCase();
    const known = Object.entries(operations).find(([, row]) => row.method === method && row.path === path);
    const [operation, row] = known ?? ['request', unknownOperation(method, path, init)];
    const asked = ask(operation, row, init.body);
    checkPath(asked, init.params?.path);
    const prepared = serialization(row, init.body);
    return send(method, path, {
      fetch: (request) => fetchReadable(request, asked, init.parseAs),
      ...prepared,
      ...init,
      headers: mergeHeaders(prepared.headers, init.headers),
    });
  }

  /** Where openapi-fetch would fail on an answer that is not JSON, this reads it, or says what is wrong with it. */
  async function fetchReadable(request: Request, asked: Asked, parseAs = 'json'): Promise<Response> {
    const response = await transport(request, asked);
    if (!response.ok || parseAs !== 'json') return response;
    const text = await response.clone().text();
    if (text.trim() === '' || parsed(text) !== text) return response;
    const value = read(asked, response, text, readers?.[asked.operation]);
    return new Response(JSON.stringify(value), response);
  }

  const verb = (method: string) => (path: string, init?: RawRequest) => request(method, path, init);
  const client = { ...fetchClient, request, ...Object.fromEntries(verbs.map((name) => [name, verb(name)])) };
  return { send, client };
}

/** A request to a path that the document does not have: the HTTP method says what may be repeated. */
function unknownOperation(method: string, path: string, init: RawRequest): Operation {
  const keyed = mergeHeaders(init.headers, init.params?.header as HeadersOptions).has(idempotencyHeader);
  return {
    method: method as Operation['method'],
    path,
    security: ['unknown'],
    repeatable: /^(GET|HEAD|OPTIONS|PUT|DELETE)$/.test(method),
    ...(keyed && { idempotencyKey: true }),
  };
}
