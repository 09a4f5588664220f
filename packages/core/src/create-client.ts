import type { Client as FetchClient } from 'openapi-fetch';
import { parsed, read, refusal } from './answer.ts';
import { ApiError } from './api-error.ts';
import { type AnswerWithResponse, type ApiPromise, apiPromise } from './api-promise.ts';
import type { Authentication, AuthenticationContext } from './authentication.ts';
import type { CallOptions } from './call-options.ts';
import type { ClientOptions } from './client-options.ts';
import { systemClock } from './clock.ts';
import { explained, Failed } from './failure.ts';
import { teller } from './hooks.ts';
import { laterPages } from './later-pages.ts';
import { lazyRawClient } from './lazy-raw-client.ts';
import type { Operation, OperationTable } from './operation.ts';
import type { Quirks } from './quirks.ts';
import { type CallArguments, idempotencyHeader, pathOf, serialized, written } from './request.ts';
import { createRetryBudget } from './retry-budget.ts';
import { type Asked, createTransport, type Limits } from './transport.ts';

/** What a vendor's client is made of. */
export interface ClientDefinition extends ClientOptions {
  /** The vendor's package name; errors begin with it. */
  readonly vendor: string;
  /** The generated operation table. */
  readonly operations: OperationTable;
  readonly baseUrl: string;
  /** How credentials get onto requests. */
  readonly auth: Authentication;
  /** What the vendor does otherwise than its document says. */
  readonly quirks?: Quirks;
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
    const subject = {
      ...{ vendor, operation, method, path, baseUrl, args, secrets: auth.secrets },
      progress: { attempts: 0, mayHaveTakenEffect: false, idempotencyKey: undefined, retryBudgetSpent: false },
      options: limitsOf(vendor, options, defaults),
    };
    const endsBilling = method === 'DELETE' || quirks.endsBilling?.(operation, args.body) === true;
    const urgent = options.priority ? options.priority === 'high' : endsBilling;
    return { ...subject, ...teller(definition.hooks, subject), row, urgent, safe: method === 'GET' };
  }

  /** Runs a call and tells the hooks of its beginning and end. Whatever goes wrong is an ApiError from here on. */
  async function follow<T>(asked: Asked, run: () => Promise<T>): Promise<T> {
    const { progress, tell, ready } = asked;
    const began = clock.now();
    const ended = () => ({ attempts: progress.attempts, milliseconds: clock.now() - began });
    tell('onCall', () => ({}));
    try {
      await ready();
      const result = await run();
      tell('onDone', ended);
      return result;
    } catch (thrown) {
      const error = await explained(asked, thrown, 'unreadable');
      tell('onError', () => ({ ...ended(), error }));
      throw error;
    }
  }

  const readBy = (asked: Asked, response: Response, text: string) =>
    read(asked.method, response, text, quirks.readers?.[asked.operation]);

  async function send(asked: Asked, args: CallArguments, options: CallOptions = {}) {
    const key = options.idempotencyKey === undefined ? {} : { [idempotencyHeader]: options.idempotencyKey };
    const own = { ...key, ...options.headers };
    const response = await transport(written(asked.row, args, baseUrl, definition.headers, own), asked);
    const text = await response.text();
    if (!response.ok) throw refusal(response, text, clock);
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
      throw new Failed({ code, what, said, response, body: data });
    });
  }

  function method(operation: string, row: Operation) {
    const one = (args?: CallArguments, options?: CallOptions): ApiPromise<unknown> =>
      apiPromise(call(operation, row, args, options));
    const { pages: rule } = row;
    if (!rule) return one;
    const walk =
      (itemwise: boolean) =>
      (args: CallArguments = {}, options?: CallOptions) =>
        laterPages(async ({ pages, items }) => {
          const fetchPage = (query: CallArguments['query']) => call(operation, row, { ...args, query }, options);
          const endless = (what: string) =>
            explained(ask(operation, row, args), new Failed({ code: 'unreadable', what }), 'unreadable');
          const all = pages(rule, args.query ?? {}, fetchPage, endless);
          return itemwise ? items(rule, all) : all;
        });
    return Object.assign(one, { pages: walk(false), items: walk(true) });
  }

  const methods = Object.fromEntries(Object.entries(operations).map(([name, row]) => [name, method(name, row)]));
  const raw = lazyRawClient<Paths>({
    ...{ baseUrl, headers: definition.headers, operations, transport, idempotencyHeader, ask, follow },
    check: pathOf,
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
