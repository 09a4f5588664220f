import type { FailureRule } from '../failure-rules.ts';

const document = 'published document, PublicApiErrorResponseDto.code';

export const verdaFailures: readonly FailureRule[] = [
  {
    text: /not enough resources|no capacity|out of (stock|capacity)|insufficient capacity/i,
    kind: 'no-capacity',
    evidence:
      'brevdev/cloud, Verda provider test: HTTP 503 "Not enough resources to deploy a 1 GPU instance type … in FIN-01"',
  },
  {
    text: /can'?t discontinue a provisioning instance/i,
    kind: 'conflict',
    evidence: 'dstack, core/backends/verda/compute.py: an instance cannot be deleted while it is provisioned',
  },
  {
    text: /can'?t discontinue a (discontinued|deleting) instance|invalid instance id/i,
    kind: 'not-found',
    evidence: 'dstack, core/backends/verda/compute.py: nothing is left to delete; of one being deleted by inference',
  },
  {
    text: /limit exceeded|exceeds? .*(limit|quota)|quota/i,
    status: 400,
    kind: 'quota',
    evidence: 'public clients: HTTP 400 "Volume limit exceeded", "Storage limit exceeded"',
  },
  {
    text: /operating system is not valid for this instance type/i,
    kind: 'invalid',
    evidence: 'public clients: an image without support for the instance type; another try cannot help',
  },
  { vendorCode: 'insufficient_funds', kind: 'funds', evidence: document },
  { vendorCode: 'unauthorized_request', kind: 'unauthorized', evidence: document },
  {
    vendorCode: 'forbidden_action',
    operations: ['performInstanceAction'],
    kind: 'conflict',
    evidence: 'public clients: the code of an action that the instance’s present state does not allow',
  },
  { vendorCode: 'forbidden_action', kind: 'unauthorized', evidence: document },
  { vendorCode: 'not_found', kind: 'not-found', evidence: document },
  { vendorCode: 'conflict', kind: 'conflict', evidence: 'verdacloud-sdk-go, August 2026: 409' },
  { vendorCode: 'rate_limit_exceeded', kind: 'rate-limited', evidence: 'published document, text on rate limits' },
  { vendorCode: 'invalid_request', kind: 'invalid', evidence: document },
];
