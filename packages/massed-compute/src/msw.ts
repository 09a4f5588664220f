import { createHandlers, type MockOptions } from '@gpu-clouds/core/msw';
import type { HttpHandler } from 'msw';
import { examples } from './generated/examples.ts';
import { operations } from './generated/operations.ts';

/** Handlers for msw that answer every operation with an example from the vendor's document. */
export function handlers(options: MockOptions<typeof operations> = {}): HttpHandler[] {
  return createHandlers(operations, examples, { baseUrl: 'https://vm.massedcompute.com/api/v1', ...options });
}
