import type { Client as FetchClient } from 'openapi-fetch';
import { parsed, read, refusal } from './answer.ts';
import { ApiError } from './api-error.ts';
import { type AnswerWithResponse, type ApiPromise, apiPromise } from './api-promise.ts';
import type { Authentication, AuthenticationContext } from './authentication.ts';
import type { CallOptions } from './call-options.ts';
import type { ClientOptions } from './client-options.ts';
import { systemClock } from './clock.ts';
import { apiError } from './failure.ts';
import { teller } from './hooks.ts';
import { lazyRawClient } from './lazy-raw-client.ts';
import { errorOf } from './network-error.ts';
import type { Operation, OperationTable } from './operation.ts';
import type { Paging } from './pages.ts';
import type { Quirks } from './quirks.ts';
import { redact, secretsIn } from './redact.ts';
import { type CallArguments, check, idempotencyHeader, serialized, written } from './request.ts';
import { retryAfterOf } from './retry.ts';
import { createRetryBudget } from './retry-budget.ts';
import { type Asked, createTransport, type Limits } from './transport.ts';

/** What a vendor's client is made of. */
export interface ClientDefinition extends ClientOptions {
  /** The vendor's package name; errors begin with it. */
  readonly vendor: string;
  /** The generated operation table. */
  readonly operations: OperationTable;
  readonly baseUrl: string;
  readonly auth: Authentication;
  readonly quirks?: Quirks;
  /** Has to be given where an operation of the table is paged, and is left out of bundles where none is. */
  readonly paging?: Paging;
}

/** A client: the vendor's operations as methods, and openapi-fetch's own client as `raw`. */
export type Client<Paths extends object, Methods> = Methods & {
  /**
   * Plain openapi-fetch with this client's credentials, timeouts and retries: `raw.GET('/path')` resolves to
   * `{ data, error, response }`. It rejects with an `ApiError` only where there is no answer that it could give.
   * Middleware given to `raw.use` is for raw requests; the methods have `hooks` and `fetch`.
   */
  readonly raw: FetchClient<Paths>;
};

/**
 * Makes a client of a generated table. `Methods` is the generated interface, `Paths` openapi-typescript's `paths`.
 * @throws ApiError `invalid-option`
 */
export function createClient<Paths extends object, Methods>(definition: ClientDefinition): Client<Paths, Methods> {
  const { vendor, operations, baseUrl, auth, quirks = {}, clock = systemClock } = definition;
  const defaults = limitsOf(vendor, definition, {
    fetch: (request) => globalThis.fetch(request),
    ...{ timeout: 30_000, maxRetries: 2, maxRetryAfter: 60_000 },
  });
  const context: AuthenticationContext = { clock, post };
  const { retryBudget = createRetryBudget(), rateLimiter } = definition;
  const transport = createTransport({
    ...{ clock, auth, context, refused: quirks.refused, retryBudget },
    rateLimiter: rateLimiter || undefined,
  });

  function ask(operation: string, row: Operation, args: CallArguments, options: CallOptions = {}): Asked {
    const { method, path } = row;
    const own = secretsIn(args);
    // Tokens become known while a call is under way: what is secret is asked when an error is made.
    const all = { [Symbol.iterator]: () => [...auth.secrets, ...own].values() };
    const shown = (part: unknown) => redact(part, all);
    const asked = () => ({ path: shown(args.path), query: shown(args.query), body: shown(args.body) });
    return {
      ...{ vendor, operation, method, path, row, secrets: all, safe: method === 'GET' },
      progress: { attempts: 0, mayHaveTakenEffect: false, idempotencyKey: undefined },
      options: limitsOf(vendor, options, defaults),
      tell: teller(definition.hooks, () => ({ vendor, operation, method, path, baseUrl, asked })),
    };
  }

  /** Runs a call and tells the hooks of its beginning and end. Whatever goes wrong is an ApiError from here on. */
  async function follow<T>(asked: Asked, run: () => Promise<T>): Promise<T> {
    const { progress, tell } = asked;
    const began = clock.now();
    const ended = () => ({ attempts: progress.attempts, milliseconds: clock.now() - began });
    tell('onCall', () => ({}));
    try {
      const result = await run();
      tell('onDone', ended);
      return result;
    } catch (thrown) {
      const what = `could not be understood (${errorOf(thrown).message})`;
      const error = ApiError.isInstance(thrown) ? thrown : apiError(asked, { code: 'unreadable', what, cause: thrown });
      tell('onError', () => ({ ...ended(), error }));
      throw error;
    }
  }

  const readBy = (asked: Asked, response: Response, text: string) =>
    read(asked, response, text, quirks.readers?.[asked.operation]);

  async function send(asked: Asked, args: CallArguments, options: CallOptions = {}) {
    const key = options.idempotencyKey === undefined ? {} : { [idempotencyHeader]: options.idempotencyKey };
    const own = { ...key, ...options.headers };
    const response = await transport(written(asked, asked.row, args, baseUrl, definition.headers, own), asked);
    const text = await response.text();
    if (!response.ok) throw refusal(asked, response, parsed(text), retryAfterOf(response.headers, clock));
    return { response, data: readBy(asked, response, text) };
  }

  async function post(path: string, body: unknown): Promise<unknown> {
    const row = { method: 'POST', path, security: [], repeatable: true } as const;
    const name = Object.keys(operations).find(
      (id) => operations[id]?.method === 'POST' && operations[id].path === path,
    );
    // A token is no more than a read: when one is lost nothing is left behind.
    const asked: Asked = { ...ask(name ?? 'requestToken', row, { body }), safe: true };
    return follow(asked, async () => (await send(asked, { body })).data);
  }

  async function call(
    operation: string,
    row: Operation,
    args: CallArguments = {},
    options?: CallOptions,
  ): Promise<AnswerWithResponse<unknown>> {
    const asked = ask(operation, row, args, options);
    return follow(asked, async () => {
      const { data, response } = await send(asked, args, options);
      const failure = quirks.failureOf?.(data, operation);
      if (!failure) return { data, response };
      const { message: said, code = 'vendor-failure', mayHaveTakenEffect = false } = failure;
      asked.progress.mayHaveTakenEffect &&= mayHaveTakenEffect;
      const what = `failed, although the status is ${response.status}`;
      throw apiError(asked, { code, what, said, response, body: data });
    });
  }

  function method(operation: string, row: Operation) {
    const one = (args?: CallArguments, options?: CallOptions): ApiPromise<unknown> =>
      apiPromise(call(operation, row, args, options));
    const { pages: rule } = row;
    const { paging } = definition;
    if (!rule) return one;
    if (!paging) throw new TypeError(`${operation} is paged: give createClient the paging of this package.`);
    const all = (args: CallArguments = {}, options?: CallOptions) =>
      paging.pages(
        rule,
        args.query ?? {},
        (query) => call(operation, row, { ...args, query }, options),
        (what) => apiError(ask(operation, row, args), { code: 'unreadable', what }),
      );
    return Object.assign(one, {
      pages: all,
      items: (args?: CallArguments, options?: CallOptions) => paging.items(rule, all(args, options)),
    });
  }

  const methods = Object.fromEntries(Object.entries(operations).map(([name, row]) => [name, method(name, row)]));
  const raw = lazyRawClient<Paths>({
    ...{ baseUrl, headers: definition.headers, operations, transport, idempotencyHeader, follow },
    ask: (operation, row, args, signal) => ask(operation, row, args, { signal }),
    check,
    serialize: serialized,
    read: (asked, response, text) =>
      text.trim() === '' || parsed(text) !== text ? undefined : readBy(asked, response, text),
  });
  return { ...methods, raw } as Client<Paths, Methods>;
}

/** Options with what they leave out filled in. @throws ApiError `invalid-option` */
function limitsOf(vendor: string, options: CallOptions, defaults: Limits): Limits {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const name of ['timeout', 'deadline', 'maxRetries', 'maxRetryAfter'] as const) {
    const value = options[name];
    if (value === undefined || value >= 0) continue;
    throw new ApiError(`${vendor}: the option ${name} must be a number from 0 up, not ${value}.`, {
      ...{ code: 'invalid-option', vendor },
    });
  }
  return { ...defaults, ...Object.fromEntries(given) };
}
