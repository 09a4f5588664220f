import { createHandlers, type MockOptions, type OperationHandlers, operationHandlers } from '@gpu-clouds/core/msw';
import type { HttpHandler } from 'msw';
import { examples } from './generated/examples.ts';
import { operations as table } from './generated/operations.ts';
import type { operations } from './generated/types.ts';

export { connectionLost, type UncheckedAnswer, unchecked } from '@gpu-clouds/core/msw';
export {
  conflict,
  forbidden,
  instanceProvisioning,
  insufficientFunds,
  invalidRequest,
  notFound,
  outOfCapacity,
  quotaExceeded,
  rateLimited,
  serverError,
  serviceUnavailable,
  unauthorized,
} from './msw-failures.ts';

const baseUrl = 'https://api.verda.com';

/** Handlers for msw that answer every operation with an example from the vendor's document, or as `answers` say. */
export function handlers(options: MockOptions<Pick<operations, keyof typeof table>> = {}): HttpHandler[] {
  return createHandlers(table, examples, { baseUrl, ...options });
}

/**
 * A handler for msw by operationId, whose path parameters, query, body and answer the compiler checks:
 * `verdaHandlers.createInstance(async ({ body }) => …)`. Without an answer it gives the document's example.
 */
export const verdaHandlers: OperationHandlers<Pick<operations, keyof typeof table>> = /* @__PURE__ */ operationHandlers(
  table,
  examples,
  { baseUrl },
);
