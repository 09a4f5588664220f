import createFetchClient, { type HeadersOptions, mergeHeaders } from 'openapi-fetch';
import type { CallOptions } from './call-options.ts';
import type { Operation, OperationTable } from './operation.ts';
import type { CallArguments, OutgoingRequest } from './request.ts';
import type { Asked, Transport } from './transport.ts';

// Nothing but types is imported from this package: what is shared with the methods comes in the settings, so that this
// file and openapi-fetch are all that a bundler puts into the part that is loaded later.

/** What openapi-fetch takes for one request. */
interface RawRequest {
  readonly params?: CallArguments;
  readonly body?: unknown;
  readonly headers?: HeadersOptions;
  readonly parseAs?: string;
  readonly bodySerializer?: (body: unknown) => unknown;
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly signal?: AbortSignal;
}

/** openapi-fetch's client without the types that make it pleasant from outside and impossible to call from here. */
interface UntypedClient {
  request(method: string, path: string, request: RawRequest): Promise<{ readonly response: Response }>;
}

export interface RawClientSettings {
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly operations: OperationTable;
  readonly idempotencyHeader: string;
  readonly transport: Transport;
  ask(operation: string, row: Operation, args: CallArguments, options: Pick<CallOptions, 'signal' | 'fetch'>): Asked;
  follow<T>(asked: Asked, run: () => Promise<T>): Promise<T>;
  /** @throws Failed for what must not be sent */
  check(row: Operation, args: CallArguments): void;
  serialize(row: Operation, body: unknown): unknown;
  /** The answer in this text; undefined where it is JSON, or nothing, already. @throws Failed `unreadable` */
  read(asked: Asked, response: Response, text: string): unknown;
}

const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** The openapi-fetch client. Loaded with its first use: the methods do without it. */
export function createRawClient(settings: RawClientSettings) {
  const { baseUrl, headers, operations, idempotencyHeader, transport } = settings;
  const fetchClient = createFetchClient({ baseUrl, headers: { Accept: 'application/json', ...headers } });
  const { request: send } = fetchClient as unknown as UntypedClient;

  async function request(verb: string, path: string, init: RawRequest = {}) {
    const method = verb.toUpperCase();
    const known = Object.entries(operations).find(([, row]) => row.method === method && row.path === path);
    const [operation, row] = known ?? ['request', unknownOperation(method, path)];
    const { body, signal, fetch } = init;
    const args = { ...init.params, body };
    const asked = settings.ask(operation, row, args, { signal, fetch });
    const form = row.body === 'application/x-www-form-urlencoded';
    return settings.follow(asked, async () => {
      settings.check(row, args);
      return send(method, path, {
        ...(form && { bodySerializer: (body) => settings.serialize(row, body) }),
        ...init,
        fetch: (request) => readable(request, asked, init.parseAs),
        headers: mergeHeaders(form ? { 'Content-Type': row.body } : {}, init.headers),
      });
    });
  }

  /** Where openapi-fetch would fail on an answer that is not JSON, this reads it, or says what is wrong with it. */
  async function readable(request: Request, asked: Asked, parseAs = 'json'): Promise<Response> {
    // A path that the document does not have may be given a key that makes it safe to repeat.
    const keyed = asked.operation === 'request' && request.headers.has(idempotencyHeader);
    const row = keyed ? { ...asked.row, idempotencyKey: true as const } : asked.row;
    const response = await transport(await kept(request), { ...asked, row });
    if (!response.ok || parseAs !== 'json') return response;
    const text = await response.clone().text();
    const value = settings.read(asked, response, text);
    return value === undefined ? response : new Response(JSON.stringify(value), response);
  }

  const verb = (method: string) => (path: string, init?: RawRequest) => request(method, path, init);
  return { ...fetchClient, request, ...Object.fromEntries(verbs.map((name) => [name, verb(name)])) };
}

/** The request with its body as bytes, so that it can be sent again. */
async function kept(request: Request): Promise<OutgoingRequest> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const { method, url } = request;
  return { method, url: new URL(url), headers: new Headers(request.headers), body: bytes.length ? bytes : undefined };
}

/** A request to a path that the document does not have: the HTTP method says what may be repeated. */
function unknownOperation(method: string, path: string): Operation {
  const repeatable = /^(GET|HEAD|OPTIONS|PUT|DELETE)$/.test(method);
  return { method: method as Operation['method'], path, security: ['unknown'], repeatable };
}
