import type { HttpHandler } from 'msw';
import type { ExampleTable } from './example.ts';
import { type UntypedAnswer, untypedHandlers } from './msw-operations.ts';
import type { OperationResolver, Resolved } from './msw-types.ts';
import type { OperationTable } from './operation.ts';

export type { Example, ExampleTable } from './example.ts';
export { type HandlerOptions, type OperationHandlers, operationHandlers } from './msw-operations.ts';
export { connectionLost, type MockReply, UncheckedAnswer, unchecked } from './msw-reply.ts';
export type { ExampleBody, OperationAnswer, OperationInfo, OperationResolver, Params, Query } from './msw-types.ts';

/** Options of `createHandlers`. */
export interface MockOptions<Operations> {
  /** Base URL of the mocked API, or `*` for any. Default: the first server of the vendor's document. */
  readonly baseUrl?: string | undefined;
  /** Answers that replace the examples, by operationId. The compiler checks them. */
  readonly answers?:
    | { readonly [Name in keyof Operations]?: Resolved<Operations[Name]> | OperationResolver<Operations[Name]> }
    | undefined;
}

/**
 * Creates a handler for msw for each operation, which answers with the document's example. Handlers keep no state: what is
 * created does not appear in a list. Use `@gpu-clouds/simulators` for that. `Operations` is openapi-typescript's
 * `operations`.
 */
export function createHandlers<Operations>(
  table: OperationTable,
  examples: ExampleTable,
  { baseUrl, answers = {} }: MockOptions<Operations>,
  defaultBaseUrl: string,
): HttpHandler[] {
  const others = answers as Readonly<Record<string, UntypedAnswer | undefined>>;
  return Object.entries(untypedHandlers(table, examples, baseUrl ?? defaultBaseUrl)).map(([name, handler]) =>
    handler(others[name]),
  );
}
