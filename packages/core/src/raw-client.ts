import createFetchClient, { type Client as FetchClient, type HeadersOptions, mergeHeaders } from 'openapi-fetch';
import { ApiError } from './api-error.ts';
import { type ClientInternals, clientInternals } from './client-definition.ts';
import type { Operation, OperationTable } from './operation.ts';
import { idempotencyHeader, pathOf, serialize } from './request.ts';
import type { CallArguments, OutgoingRequest, Reply, RequestContext } from './request-context.ts';
import { parseBody, statusOf, textOf } from './response-body.ts';

/** openapi-fetch's client. `Paths` is openapi-typescript's `paths`. */
export type RawClient<Paths extends object> = FetchClient<Paths>;

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

/** openapi-fetch's client without its types, which nothing generic can call. */
interface UntypedClient {
  request(method: string, path: string, request: RawRequest): Promise<{ readonly response: Response }>;
}

const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/**
 * Creates an openapi-fetch client with the credentials, timeouts, rate limits, and retries of a client made by
 * `createClient`. `GET('/path')` resolves to `{ data, error, response }`. Middleware added by `use` sees raw requests only.
 * Requests reject with an {@link ApiError} when there is no response that could be returned.
 * @throws {ApiError} `invalid-option` when the client was not made by `createClient`
 */
export function createRawClient<Paths extends object>(client: object): RawClient<Paths> {
  const internals = internalsOf(client);
  const { baseUrl, headers, operations } = internals.definition;
  const fetchClient = createFetchClient<Paths>({ baseUrl, headers: { Accept: 'application/json', ...headers } });
  const { request: send } = fetchClient as unknown as UntypedClient;

  async function request(verb: string, path: string, init: RawRequest = {}) {
    const method = verb.toUpperCase();
    const [operation, row] = rowOf(operations, method, path);
    const { body, signal, fetch } = init;
    const args = { ...init.params, body };
    const context = internals.createContext(operation, row, args, { signal, fetch });
    const form = row.body === 'application/x-www-form-urlencoded';
    return internals.run(context, async () => {
      // Throws for a request that must not be sent.
      pathOf(row, args);
      return send(method, path, {
        ...(form && { bodySerializer: (body) => serialize(row, body) }),
        ...init,
        fetch: (request) => respond(internals, request, context, init.parseAs),
        headers: mergeHeaders(form ? { 'Content-Type': row.body } : {}, init.headers),
      });
    });
  }

  const verb = (method: string) => (path: string, init?: RawRequest) => request(method, path, init);
  return Object.assign(fetchClient, { request, ...Object.fromEntries(verbs.map((name) => [name, verb(name)])) });
}

function internalsOf(client: object): ClientInternals {
  const internals = (client as { readonly [clientInternals]?: ClientInternals })[clientInternals];
  if (internals) return internals;
  throw new ApiError('The raw client needs a client that was made by createClient.', {
    code: 'invalid-option',
    vendor: 'core',
  });
}

/** Sends openapi-fetch's request. Where openapi-fetch would fail on a body that is not JSON, the body is read here. */
async function respond(
  { send, read }: ClientInternals,
  request: Request,
  context: RequestContext,
  parseAs = 'json',
): Promise<Response> {
  // A request to an unknown path is safe to repeat when it carries an idempotency key.
  const keyed = context.operation === 'request' && request.headers.has(idempotencyHeader);
  const row = keyed ? { ...context.row, idempotencyKey: true as const } : context.row;
  const reply = await send(await outgoingOf(request), { ...context, row });
  const { response, body } = reply;
  const text = textOf(body);
  const isJson = text.trim() === '' || parseBody(text) !== text;
  if (!response.ok || parseAs !== 'json' || isJson) return responseOf(response, body);
  return responseOf(response, JSON.stringify(read(context, reply)));
}

/** Returns a response whose body can be read again. */
function responseOf(response: Response, body: Reply['body'] | string): Response {
  const headers = new Headers(response.headers);
  // They describe the bytes as they were sent, not as they are now.
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(body.length === 0 ? null : body, {
    status: statusOf(response),
    statusText: response.statusText,
    headers,
  });
}

/** Returns the request with its body as bytes, so that it can be sent again. */
async function outgoingOf(request: Request): Promise<OutgoingRequest> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const { method, url } = request;
  return { method, url: new URL(url), headers: new Headers(request.headers), body: bytes.length ? bytes : undefined };
}

/** Returns the operation of a method and path. For a path that is not in the table, the HTTP method decides what may be repeated. */
function rowOf(operations: OperationTable, method: string, path: string): readonly [string, Operation] {
  const known = Object.entries(operations).find(([, row]) => row.method === method && row.path === path);
  if (known) return known;
  const repeatable = /^(GET|HEAD|OPTIONS|PUT|DELETE)$/.test(method);
  return ['request', { method: method as Operation['method'], path, security: ['unknown'], repeatable }];
}
