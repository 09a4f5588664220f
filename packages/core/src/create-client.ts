import type { Client as FetchClient } from 'openapi-fetch';
import { parsed, read, refusal } from './answer.ts';
import { type AnswerWithResponse, type ApiPromise, apiPromise } from './api-promise.ts';
import type { Authentication, AuthenticationContext } from './authentication.ts';
import type { CallOptions } from './call-options.ts';
import type { ClientOptions } from './client-options.ts';
import { systemClock } from './clock.ts';
import { apiError } from './failure.ts';
import type { Operation, OperationTable } from './operation.ts';
import { items, pages } from './pages.ts';
import type { Quirks } from './quirks.ts';
import { createRawClient } from './raw-client.ts';
import { secretsIn } from './redact.ts';
import { checkPath, serialization } from './request.ts';
import { retryAfterOf } from './retry.ts';
import { type Asked, createTransport, idempotencyHeader } from './transport.ts';

/** What a vendor's client is made of. */
export interface ClientDefinition extends ClientOptions {
  /** The vendor's package name; errors begin with it. */
  readonly vendor: string;
  /** The generated operation table. */
  readonly operations: OperationTable;
  readonly baseUrl: string;
  readonly auth: Authentication;
  readonly quirks?: Quirks;
}

/** A client: the vendor's operations as methods, and openapi-fetch's own client as `raw`. */
export type Client<Paths extends object, Methods> = Methods & {
  /**
   * Plain openapi-fetch with this client's credentials, timeouts and retries: `raw.GET('/path')` resolves to
   * `{ data, error, response }`. It rejects with an `ApiError` only where there is no answer that it could give.
   */
  readonly raw: FetchClient<Paths>;
};

interface CallArguments {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Makes a client of a generated table. `Methods` is the generated interface, `Paths` openapi-typescript's `paths`. */
export function createClient<Paths extends object, Methods>(definition: ClientDefinition): Client<Paths, Methods> {
  const { vendor, operations, baseUrl, auth, quirks = {}, clock = systemClock } = definition;
  const secrets = new Set(auth.secrets);
  const context: AuthenticationContext = { clock, post, keepSecret: (value) => secrets.add(value) };
  const transport = createTransport({
    ...{ clock, auth, context, refused: quirks.refused },
    fetch: definition.fetch ?? ((request) => globalThis.fetch(request)),
    timeout: definition.timeout ?? 30_000,
    deadline: definition.deadline,
    maxRetries: definition.maxRetries ?? 2,
    maxRetryAfter: definition.maxRetryAfter ?? 60_000,
  });
  const raw = createRawClient({ ...definition, transport, ask, readers: quirks.readers });

  function ask(operation: string, row: Operation, body?: unknown, options: CallOptions = {}): Asked {
    const { method, path } = row;
    const safe = method === 'GET';
    const own = secretsIn(body);
    const progress = { attempts: 0, mayHaveTakenEffect: false };
    // Tokens become known while a call is under way: what is secret is asked when an error is made.
    const all = { [Symbol.iterator]: () => [...secrets, ...own].values() };
    return { vendor, operation, method, path, row, safe, options, progress, secrets: all };
  }

  async function post(path: string, body: unknown): Promise<unknown> {
    const row = { method: 'POST', path, security: [], repeatable: true } as const;
    const name = Object.keys(operations).find(
      (id) => operations[id]?.method === 'POST' && operations[id].path === path,
    );
    // A token is no more than a read: when one is lost nothing is left behind.
    const asked: Asked = { ...ask(name ?? 'requestToken', row, body), safe: true };
    const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
    const request = new Request(`${baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const response = await transport(request, asked);
    const text = await response.text();
    if (!response.ok) throw refusal(asked, response, parsed(text), retryAfterOf(response.headers, clock));
    return read(asked, response, text, undefined);
  }

  async function call(
    operation: string,
    row: Operation,
    args: CallArguments = {},
    options: CallOptions = {},
  ): Promise<AnswerWithResponse<unknown>> {
    const asked = ask(operation, row, args.body, options);
    checkPath(asked, args.path);
    const key = options.idempotencyKey === undefined ? {} : { [idempotencyHeader]: options.idempotencyKey };
    const { error, response } = await raw.send(row.method, row.path, {
      ...serialization(row, args.body),
      params: { path: args.path, query: args.query, header: { ...args.header, ...key, ...options.headers } },
      body: args.body,
      // Reading is done here: openapi-fetch would take an empty answer, or a page of HTML, for a success.
      parseAs: 'stream',
      fetch: (request: Request) => transport(request, asked),
    });
    if (!response.ok) {
      throw refusal(asked, response, error === '' ? undefined : error, retryAfterOf(response.headers, clock));
    }
    const text = response.bodyUsed ? '' : await response.text();
    const data = read(asked, response, text, quirks.readers?.[operation]);
    const failure = quirks.failureOf?.(data, operation);
    if (failure) {
      const { message, code = 'vendor-failure', mayHaveTakenEffect = false } = failure;
      asked.progress.mayHaveTakenEffect &&= mayHaveTakenEffect;
      const what = `failed, although the status is ${response.status}: ${message.replace(/\.$/, '')}`;
      throw apiError(asked, { code, what, response, body: data });
    }
    return { data, response };
  }

  function method(operation: string, row: Operation) {
    const one = (args?: CallArguments, options?: CallOptions): ApiPromise<unknown> =>
      apiPromise(call(operation, row, args, options));
    const { pages: rule } = row;
    if (!rule) return one;
    const all = (args: CallArguments = {}, options?: CallOptions) =>
      pages(
        rule,
        args.query ?? {},
        (query) => call(operation, row, { ...args, query }, options),
        (what) => apiError(ask(operation, row), { code: 'unreadable', what }),
      );
    return Object.assign(one, {
      pages: all,
      items: (args?: CallArguments, options?: CallOptions) => items(rule, all(args, options)),
    });
  }

  const methods = Object.fromEntries(Object.entries(operations).map(([name, row]) => [name, method(name, row)]));
  return { ...methods, raw: raw.client } as Client<Paths, Methods>;
}
