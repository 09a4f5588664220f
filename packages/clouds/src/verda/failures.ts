import type { FailureRule } from '../failure-rules.ts';

const published = (text: string) => ({ grade: 'S', source: `published "${text}"` }) as const;

export const verdaFailures: readonly FailureRule[] = [
  {
    message: /not enough resources|no capacity|out of (stock|capacity)|insufficient capacity/i,
    kind: 'no-capacity',
    // HTTP 503 "Not enough resources to deploy a 1 GPU instance type … in FIN-01"
    evidence: { grade: 'C', source: 'brevdev/cloud: v1/providers/verda' },
  },
  {
    message: /can'?t discontinue a provisioning instance/i,
    kind: 'conflict',
    evidence: { grade: 'C', source: 'dstackai/dstack: src/dstack/_internal/core/backends/verda/compute.py' },
  },
  {
    // Nothing is left to delete. For an instance that is being deleted, this is an inference.
    message: /can'?t discontinue a (discontinued|deleting) instance|invalid instance id/i,
    kind: 'not-found',
    evidence: { grade: 'C', source: 'dstackai/dstack: src/dstack/_internal/core/backends/verda/compute.py' },
  },
  {
    message: /limit exceeded|exceeds? .*(limit|quota)|quota/i,
    status: 400,
    kind: 'quota',
    evidence: {
      grade: 'C',
      source: 'inference: public clients look for "Volume limit exceeded" and "Storage limit exceeded"',
    },
  },
  {
    message: /operating system is not valid for this instance type/i,
    kind: 'invalid',
    evidence: { grade: 'C', source: 'inference: public clients report this message for an image without GPU support' },
  },
  { vendorCode: 'insufficient_funds', kind: 'funds', evidence: published('insufficient_funds') },
  { vendorCode: 'unauthorized_request', kind: 'unauthorized', evidence: published('unauthorized_request') },
  {
    // The state of the instance does not allow the action.
    vendorCode: 'forbidden_action',
    operations: ['performInstanceAction'],
    kind: 'conflict',
    evidence: { grade: 'C', source: 'dstackai/dstack: src/dstack/_internal/core/backends/verda/compute.py' },
  },
  { vendorCode: 'forbidden_action', kind: 'unauthorized', evidence: published('forbidden_action') },
  { vendorCode: 'not_found', kind: 'not-found', evidence: published('not_found') },
  {
    vendorCode: 'conflict',
    kind: 'conflict',
    evidence: { grade: 'A', source: 'verda-cloud/verdacloud-sdk-go@ca1aa5c: pkg/verda' },
  },
  { vendorCode: 'rate_limit_exceeded', kind: 'rate-limited', evidence: published('rate_limit_exceeded') },
  { vendorCode: 'invalid_request', kind: 'invalid', evidence: published('invalid_request') },
];
