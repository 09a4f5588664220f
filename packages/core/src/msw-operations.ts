import type { HttpHandler, HttpResponseResolver } from 'msw';
import type { ExampleTable } from './example.ts';
import { type MockReply, responseOf, UncheckedAnswer, usable } from './msw-reply.ts';
import { routeOf, verbs } from './msw-route.ts';
import type { OperationResolver, Resolved } from './msw-types.ts';
import type { Operation, OperationTable } from './operation.ts';

/** Options of one handler. */
export interface HandlerOptions {
  /** Base URL of the mocked API, or `*` for any. Default: the first server of the vendor's document. */
  readonly baseUrl?: string | undefined;
  /** True to answer one request and leave the others to the next handler. Default: false. */
  readonly once?: boolean | undefined;
}

/**
 * Functions that create a handler for msw, by operationId: `handlers.getThing(({ params }) => ({ status: 200, body: … }))`.
 * The compiler checks path parameters, query, body, and answer against the vendor's document. Without an answer, the handler
 * returns the example.
 */
export type OperationHandlers<Operations> = {
  readonly [Name in keyof Operations]: (
    answer?: Resolved<Operations[Name]> | OperationResolver<Operations[Name]>,
    options?: HandlerOptions,
  ) => HttpHandler;
};

/** Creates {@link OperationHandlers} from a generated table. `Operations` is openapi-typescript's `operations`. */
export function operationHandlers<Operations>(
  table: OperationTable,
  examples: ExampleTable,
  { baseUrl }: { readonly baseUrl: string },
): OperationHandlers<Operations> {
  return untypedHandlers(table, examples, baseUrl) as OperationHandlers<Operations>;
}

type UntypedHandler = (answer?: UntypedAnswer, options?: HandlerOptions) => HttpHandler;

/** Creates {@link OperationHandlers} without the types of each answer. */
export function untypedHandlers(
  table: OperationTable,
  examples: ExampleTable,
  baseUrl: string,
): Readonly<Record<string, UntypedHandler>> {
  const handler =
    (name: string, row: Operation): UntypedHandler =>
    (answer, options = {}) => {
      const example = usable(examples[name]);
      const { once = false } = options;
      const resolver = resolverOf(row, example, answer ?? example);
      return verbs[row.method](routeOf(row, table, options.baseUrl ?? baseUrl), resolver, { once });
    };
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, handler(name, row)]));
}

type UntypedReply = MockReply | UncheckedAnswer | Response | undefined;
export type UntypedAnswer = UntypedReply | ((info: unknown) => UntypedReply | Promise<UntypedReply>);

function resolverOf(row: Operation, example: MockReply, answer: UntypedAnswer): HttpResponseResolver {
  return async ({ request, params }) => {
    const info = {
      request,
      params,
      query: new URL(request.url).searchParams,
      body: () => bodyOf(row, request.clone()),
      example: structuredClone(example.body),
    };
    const reply = typeof answer === 'function' ? await answer(info) : answer;
    if (reply === undefined || reply instanceof Response) return reply;
    return reply instanceof UncheckedAnswer ? reply.toResponse() : responseOf(reply);
  };
}

async function bodyOf(row: Operation, request: Request): Promise<unknown> {
  const text = await request.text();
  if (text === '') return undefined;
  return row.body === 'application/x-www-form-urlencoded'
    ? Object.fromEntries(new URLSearchParams(text))
    : JSON.parse(text);
}
