import { ApiError } from './api-error.ts';
import { type AnswerWithResponse, type ApiPromise, apiPromise } from './api-promise.ts';
import type { AuthenticationContext } from './authentication.ts';
import type { CallOptions } from './call-options.ts';
import { type ClientDefinition, type ClientInternals, clientInternals } from './client-definition.ts';
import { systemClock } from './clock.ts';
import { createEmitter, ignoreEvent } from './emitter.ts';
import { InternalError } from './internal-error.ts';
import type { Operation } from './operation.ts';
import { items, paged, pages } from './pages.ts';
import { idempotencyHeader, writeRequest } from './request.ts';
import type { CallArguments, Reply, RequestContext, ResolvedOptions } from './request-context.ts';
import { errorResponse, readBody } from './response-body.ts';
import { createRetryBudget } from './retry-budget.ts';
import { toApiError } from './to-api-error.ts';
import { createTransport } from './transport.ts';

/**
 * Creates a client with a method for each operation of a generated table. `Methods` is the generated interface.
 * @throws {ApiError} `invalid-option`
 */
export function createClient<Methods extends object>(definition: ClientDefinition): Methods {
  const { vendor, operations, baseUrl, auth, quirks = {}, clock = systemClock } = definition;
  const defaults = resolveOptions(vendor, definition, {
    timeoutMs: 30_000,
    maxRetries: 2,
    maxRetryAfterMs: 60_000,
  });
  const context: AuthenticationContext = { clock, post };
  const transport = createTransport({
    clock,
    auth,
    context,
    refused: quirks.refused,
    retryBudget: definition.retryBudget ?? createRetryBudget(),
    rateLimiter: definition.rateLimiter || undefined,
  });

  function createContext(
    operation: string,
    row: Operation,
    args: CallArguments,
    options: CallOptions = {},
  ): RequestContext {
    const endsBilling = row.method === 'DELETE' || quirks.endsBilling?.(operation, args.body) === true;
    const context: RequestContext = {
      vendor,
      operation,
      row,
      baseUrl,
      args,
      secrets: auth.secrets,
      options: resolveOptions(vendor, options, defaults),
      progress: { attempts: 0, mayHaveTakenEffect: false, idempotencyKey: undefined, retryBudgetSpent: false },
      urgent: options.priority ? options.priority === 'high' : endsBilling,
      safe: row.readOnly || row.method === 'GET',
      emit: ignoreEvent,
    };
    const { hooks } = definition;
    return hooks === undefined ? context : { ...context, emit: createEmitter(hooks, context) };
  }

  async function run<T>(context: RequestContext, call: () => Promise<T>): Promise<T> {
    const { progress, emit } = context;
    const began = clock.now();
    const end = () => ({ attempts: progress.attempts, durationMs: clock.now() - began });
    emit('onCall', () => ({}));
    try {
      const result = await call();
      emit('onDone', end);
      return result;
    } catch (thrown) {
      const error = toApiError(context, thrown);
      emit('onError', () => ({ ...end(), error }));
      throw error;
    }
  }

  const read = ({ operation, row }: RequestContext, reply: Reply) => readBody(row, reply, quirks.readers?.[operation]);

  async function send(context: RequestContext, options: CallOptions = {}): Promise<AnswerWithResponse<unknown>> {
    const key = options.idempotencyKey === undefined ? {} : { [idempotencyHeader]: options.idempotencyKey };
    const outgoing = writeRequest(context, definition.headers, { ...key, ...options.headers });
    const reply = await transport(outgoing, context);
    if (!reply.response.ok) throw errorResponse(reply, clock);
    return { response: reply.response, data: read(context, reply) };
  }

  /** Requests a token. A lost token leaves nothing behind, so the request counts as a read. */
  async function post(path: string, body: unknown): Promise<unknown> {
    const name = Object.keys(operations).find(
      (id) => operations[id]?.method === 'POST' && operations[id].path === path,
    );
    const row = { method: 'POST', path, security: [], repeatable: true, readOnly: true } as const;
    const context = createContext(name ?? 'requestToken', row, { body });
    return run(context, async () => (await send(context)).data);
  }

  async function call(operation: string, row: Operation, args: CallArguments = {}, options?: CallOptions) {
    const context = createContext(operation, row, args, options);
    return run(context, async () => {
      const { data, response } = await send(context, options);
      const failure = quirks.failureOf?.(data, operation);
      if (!failure) return { data, response };
      const { message: said, reason, code = 'vendor-failure', mayHaveTakenEffect = false } = failure;
      context.progress.mayHaveTakenEffect &&= mayHaveTakenEffect;
      const what = `failed, although the status is ${response.status}`;
      throw new InternalError({ code, what, said, reason, response, body: data });
    });
  }

  function method(operation: string, row: Operation) {
    const one = (args?: CallArguments, options?: CallOptions): ApiPromise<unknown> =>
      apiPromise(call(operation, row, args, options));
    const { pages: rule } = row;
    if (!rule) return one;
    const everyPage = (args: CallArguments = {}, options?: CallOptions) =>
      pages(
        rule,
        args.query ?? {},
        (query) => call(operation, row, { ...args, query }, options),
        () =>
          toApiError(
            createContext(operation, row, args),
            new InternalError({ code: 'unreadable', what: 'was answered with pages that do not end' }),
          ),
      );
    return Object.assign(one, {
      pages: (args?: CallArguments, options?: CallOptions) => paged(everyPage(args, options)),
      items: (args?: CallArguments, options?: CallOptions) => paged(items(rule, everyPage(args, options))),
    });
  }

  const methods = Object.fromEntries(Object.entries(operations).map(([name, row]) => [name, method(name, row)]));
  const internals: ClientInternals = { definition, send: transport, createContext, run, read };
  return Object.defineProperty(methods, clientInternals, { value: internals }) as Methods;
}

/** Fills in the options that are left out. @throws {ApiError} `invalid-option` */
function resolveOptions(vendor: string, options: CallOptions, defaults: ResolvedOptions): ResolvedOptions {
  for (const name of ['timeoutMs', 'deadlineMs', 'maxRetries', 'maxRetryAfterMs'] as const) {
    const value = options[name];
    if (value === undefined || value >= 0) continue;
    const message = `${vendor}: the option ${name} must be a number of at least 0, not ${value}.`;
    throw new ApiError(message, { code: 'invalid-option', vendor });
  }
  const resolved = { ...defaults };
  for (const name of Object.keys(options) as (keyof CallOptions)[]) {
    if (options[name] !== undefined) Object.assign(resolved, { [name]: options[name] });
  }
  return resolved;
}
