import { createHandlers, type MockOptions, type OperationHandlers, operationHandlers } from '@gpu-clouds/core/msw';
import type { HttpHandler } from 'msw';
import { examples } from './generated/examples.ts';
import { serverUrl as baseUrl, operations as table } from './generated/operations.ts';
import type { operations } from './generated/types.ts';

export { connectionLost, type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';

/** Creates handlers for msw that answer every operation with the example in the vendor's document, or with `answers`. */
export function handlers(options: MockOptions<Pick<operations, keyof typeof table>> = {}): HttpHandler[] {
  return createHandlers(table, examples, options, baseUrl);
}

/**
 * Functions that create a handler for msw, by operationId. The compiler checks path parameters, query, body, and answer:
 * `vendorNameHandlers.anOperation(async ({ body }) => …)`. Without an answer, the handler returns the example.
 */
export const vendorNameHandlers: OperationHandlers<Pick<operations, keyof typeof table>> =
  /* @__PURE__ */ operationHandlers(table, examples, { baseUrl });
