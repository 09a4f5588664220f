import type { FailureRule } from '../failure-rules.ts';

const document = 'published document, Problem.code';
const laterDocument = 'gpuai-dev/openapi, a later document of the vendor, Problem.code';
const earlyBackend = 'an early public backend of the vendor (one source)';

export const gpuAiFailures: readonly FailureRule[] = [
  {
    text: /no[ -](availability|capacity)|out of (stock|capacity)|sold out|insufficient capacity/i,
    kind: 'no-capacity',
    evidence: 'inference: an operation that failed says why in its text only',
  },
  { vendorCode: 'no-availability', kind: 'no-capacity', evidence: earlyBackend },
  { vendorCode: 'disk_unavailable', kind: 'no-capacity', evidence: laterDocument },
  // The offer at that price is gone; another may do.
  { vendorCode: 'price-exceeded', kind: 'no-capacity', evidence: earlyBackend },
  { vendorCode: 'price_changed', kind: 'no-capacity', evidence: laterDocument },
  { vendorCode: 'insufficient_balance', kind: 'funds', evidence: document },
  { vendorCode: 'spending_limit_reached', kind: 'funds', evidence: earlyBackend },
  { vendorCode: 'quota_exceeded', kind: 'quota', evidence: document },
  { vendorCode: 'unauthenticated', kind: 'unauthorized', evidence: document },
  { vendorCode: 'invalid_api_key', kind: 'unauthorized', evidence: document },
  { vendorCode: 'insufficient_scope', kind: 'unauthorized', evidence: document },
  { vendorCode: 'not_found', kind: 'not-found', evidence: document },
  // The key is the label: an earlier request under it is under way, or was accepted with another body, for a day.
  { vendorCode: 'idempotency_conflict', kind: 'conflict', mayHaveTakenEffect: true, evidence: document },
  { vendorCode: 'idempotency_mismatch', kind: 'invalid', mayHaveTakenEffect: true, evidence: document },
  { vendorCode: 'validation_failed', kind: 'invalid', evidence: document },
  { vendorCode: 'invalid_gpu_type', kind: 'invalid', evidence: document },
  { vendorCode: 'rate_limited', kind: 'rate-limited', evidence: document },
  { vendorCode: 'internal_error', kind: 'unavailable', evidence: document },
];
