import { type Fetch, type ValidateOptions, validatedFetch } from '@gpu-clouds/core/validate';
import { answers } from './generated/answers.ts';
import { operations } from './generated/operations.ts';

export type { Drift, DriftIssue, Fetch, ValidateOptions } from '@gpu-clouds/core/validate';

/**
 * Returns a `fetch` that checks each response against VendorName's patched document:
 * `createVendorName({ fetch: validated(undefined, { onDrift: console.warn }) })`. Without `onDrift`, a response that
 * differs rejects the call. Fields and values that are not in the document are not reported by default.
 * @param fetch sends the requests. Default: the global `fetch`
 */
export function validated(fetch?: Fetch, options: ValidateOptions = {}): Fetch {
  return validatedFetch(fetch, options, { vendor: 'vendor-name', operations, answers });
}
