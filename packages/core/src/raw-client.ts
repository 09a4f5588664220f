import createFetchClient, { type HeadersOptions, mergeHeaders } from 'openapi-fetch';
import { parsed, read } from './answer.ts';
import type { Operation, OperationTable } from './operation.ts';
import type { Quirks } from './quirks.ts';
import {
  type CallArguments,
  checkBody,
  filled,
  idempotencyHeader,
  type OutgoingRequest,
  serialized,
} from './request.ts';
import type { Asked, Transport } from './transport.ts';

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
  readonly transport: Transport;
  readonly readers: Quirks['readers'];
  readonly ask: (operation: string, row: Operation, args: CallArguments, signal?: AbortSignal) => Asked;
  readonly follow: <T>(asked: Asked, run: () => Promise<T>) => Promise<T>;
}

const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];

/** The openapi-fetch client. Loaded with its first use: the methods do without it. */
export function createRawClient(settings: RawClientSettings) {
  const { baseUrl, headers, operations, ask, follow, readers, transport } = settings;
  const fetchClient = createFetchClient({ baseUrl, headers: { Accept: 'application/json', ...headers } });
  const { request: send } = fetchClient as unknown as UntypedClient;

  async function request(verb: string, path: string, init: RawRequest = {}) {
    const method = verb.toUpperCase();
    const known = Object.entries(operations).find(([, row]) => row.method === method && row.path === path);
    const [operation, row] = known ?? ['request', unknownOperation(method, path)];
    const { body, signal } = init;
    const asked = ask(operation, row, { ...init.params, body }, signal);
    const form = row.body === 'application/x-www-form-urlencoded';
    return follow(asked, async () => {
      checkBody(asked, body);
      filled(asked, init.params?.path);
      return send(method, path, {
        fetch: (request) => readable(request, asked, init.parseAs),
        ...(form && { bodySerializer: (body) => serialized(row, body) }),
        ...init,
        headers: mergeHeaders(form ? { 'Content-Type': row.body } : {}, init.headers),
      });
    });
  }

  /** Where openapi-fetch would fail on an answer that is not JSON, this reads it, or says what is wrong with it. */
  async function readable(request: Request, asked: Asked, parseAs = 'json'): Promise<Response> {
    const response = await transport(await kept(request), keyed(asked, request));
    if (!response.ok || parseAs !== 'json') return response;
    const text = await response.clone().text();
    if (text.trim() === '' || parsed(text) !== text) return response;
    const value = read(asked, response, text, readers?.[asked.operation]);
    return new Response(JSON.stringify(value), response);
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

/** A request to a path that the document does not have: the HTTP method, or its key, says whether it may be repeated. */
function unknownOperation(method: string, path: string): Operation {
  const repeatable = /^(GET|HEAD|OPTIONS|PUT|DELETE)$/.test(method);
  return { method: method as Operation['method'], path, security: ['unknown'], repeatable };
}

const keyed = (asked: Asked, { headers }: Request): Asked =>
  asked.operation === 'request' && headers.has(idempotencyHeader)
    ? { ...asked, row: { ...asked.row, idempotencyKey: true } }
    : asked;
