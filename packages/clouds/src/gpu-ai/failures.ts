import type { FailureRule } from '../failure-rules.ts';

/** A code of `Problem.code` in the published document. */
const published = (code: string) => ({ grade: 'S', source: `published "${code}"` }) as const;
const laterDocument = { grade: 'A', source: 'gpuai-dev/openapi@0c85154: Problem.code' } as const;
/** gpuai-sdk 0.3.18 on PyPI. */
const newestSdk = { grade: 'A', source: 'gpuai-dev/gpuai-python-sdk@0.3.18: gpuai_sdk/models/problem.py' } as const;
const earlyBackend = {
  grade: 'C',
  source: 'inference: codes of an early backend of the vendor that was public',
} as const;

export const gpuAiFailures: readonly FailureRule[] = [
  {
    message: /no[ -](availability|capacity)|out of (stock|capacity)|sold out|insufficient capacity/i,
    kind: 'no-capacity',
    evidence: { grade: 'C', source: 'inference: a failed operation explains its failure only in its text' },
  },
  { vendorCode: 'no-availability', kind: 'no-capacity', evidence: earlyBackend },
  { vendorCode: 'disk_unavailable', kind: 'no-capacity', evidence: laterDocument },
  { vendorCode: 'disk_exceeds_offering', kind: 'no-capacity', evidence: newestSdk },
  // The offer at that price is gone. Another offer may work.
  { vendorCode: 'price-exceeded', kind: 'no-capacity', evidence: earlyBackend },
  { vendorCode: 'price_changed', kind: 'no-capacity', evidence: laterDocument },
  { vendorCode: 'insufficient_balance', kind: 'funds', evidence: published('insufficient_balance') },
  { vendorCode: 'spending_limit_reached', kind: 'funds', evidence: earlyBackend },
  { vendorCode: 'quota_exceeded', kind: 'quota', evidence: published('quota_exceeded') },
  { vendorCode: 'unauthenticated', kind: 'unauthorized', evidence: published('unauthenticated') },
  { vendorCode: 'invalid_api_key', kind: 'unauthorized', evidence: published('invalid_api_key') },
  { vendorCode: 'insufficient_scope', kind: 'unauthorized', evidence: published('insufficient_scope') },
  { vendorCode: 'not_found', kind: 'not-found', evidence: published('not_found') },
  // The key is the instance name: an earlier request with it is in flight, or was accepted with another body within a day.
  {
    vendorCode: 'idempotency_conflict',
    kind: 'conflict',
    mayHaveTakenEffect: true,
    evidence: published('idempotency_conflict'),
  },
  {
    vendorCode: 'idempotency_mismatch',
    kind: 'invalid',
    mayHaveTakenEffect: true,
    evidence: published('idempotency_mismatch'),
  },
  { vendorCode: 'validation_failed', kind: 'invalid', evidence: published('validation_failed') },
  { vendorCode: 'invalid_gpu_type', kind: 'invalid', evidence: published('invalid_gpu_type') },
  { vendorCode: 'rate_limited', kind: 'rate-limited', evidence: published('rate_limited') },
  { vendorCode: 'internal_error', kind: 'unavailable', evidence: published('internal_error') },
  { vendorCode: 'operation_failed', kind: 'unavailable', evidence: published('operation_failed') },
];
