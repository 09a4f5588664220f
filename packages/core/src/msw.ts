import type { HttpHandler, HttpResponseResolver } from 'msw';
import type { ExampleTable } from './example.ts';
import { type MockReply, responseOf, UncheckedAnswer, usable } from './msw-reply.ts';
import { routeOf, verbs } from './msw-route.ts';
import type { OperationTable } from './operation.ts';

export type { Example, ExampleTable } from './example.ts';
export { type HandlerOptions, type OperationHandlers, operationHandlers } from './msw-operations.ts';
export { connectionLost, type MockReply, UncheckedAnswer, unchecked } from './msw-reply.ts';
export type { ExampleBody, OperationAnswer, OperationInfo, OperationResolver, Params, Query } from './msw-types.ts';

/** What an operation answers instead of its example: another status and body, a preset, or a resolver of msw's. */
export type MockAnswer = MockReply | UncheckedAnswer | HttpResponseResolver;

/** Options of `createHandlers`. */
export interface MockOptions<Operations extends OperationTable = OperationTable> {
  /** Where the API is thought to be. Default: the first server of the vendor's document. `*` for anywhere. */
  readonly baseUrl?: string;
  /** Other answers, by operationId. Not checked; see {@link operationHandlers} for those that are. */
  readonly answers?: { readonly [Name in keyof Operations]?: MockAnswer };
}

/**
 * Handlers for msw, one an operation, that answer with the document's examples. They keep no state: what is created
 * does not appear in a list. Use `@gpu-clouds/simulators` for that.
 */
export function createHandlers<Operations extends OperationTable>(
  operations: Operations,
  examples: ExampleTable,
  options: MockOptions<Operations> & { readonly baseUrl: string },
): HttpHandler[] {
  const answers: Readonly<Record<string, MockAnswer | undefined>> = options.answers ?? {};
  return Object.entries(operations).map(([name, row]) => {
    const resolver = resolverOf(answers[name] ?? usable(examples[name]));
    return verbs[row.method](routeOf(row, operations, options.baseUrl), resolver);
  });
}

function resolverOf(answer: MockAnswer): HttpResponseResolver {
  if (typeof answer === 'function') return answer;
  return () => (answer instanceof UncheckedAnswer ? answer.toResponse() : responseOf(answer));
}
