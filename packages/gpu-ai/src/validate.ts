import { type Fetch, type ValidateOptions, validatedFetch } from '@gpu-clouds/core/validate';
import { answers } from './generated/answers.ts';
import { operations } from './generated/operations.ts';

export type { Drift, DriftIssue, Fetch, ValidateOptions } from '@gpu-clouds/core/validate';

/**
 * A `fetch` for the client that holds each answer against GPU.ai's patched document:
 * `createGpuAi({ fetch: validated(undefined, { onDrift: console.warn }) })`. Without `onDrift` a drifted answer rejects
 * the call. Fields and values that the document does not know yet are no drift, unless asked for.
 * @param fetch what sends the requests; undefined for the global one
 */
export function validated(fetch?: Fetch, options: ValidateOptions = {}): Fetch {
  return validatedFetch(fetch, options, { vendor: 'gpu-ai', operations, answers });
}
