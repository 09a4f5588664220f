import type { FailureRule } from '../failure-rules.ts';

const deploy = ['deployVirtualMachine'];
const dstack = 'dstackai/dstack@449f43d1b^: src/dstack/_internal/core/backends/tensordock/api_client.py';
const dashboard = 'tensordock/dashboard-frontend-template@c1fa92e: web/src/util/api/deploy.ts';

/** There are no codes, and failures also come with HTTP 200, so most rules match the message alone. */
export const tensorDockFailures: readonly FailureRule[] = [
  {
    message:
      /no available nodes found|hostnode unavailable|out of stock|insufficient capacity|no available public ips/i,
    kind: 'no-capacity',
    evidence: { grade: 'C', source: 'inference: messages that public clients of this and of the later API look for' },
  },
  {
    // A limit of one hostnode. Another offer may work.
    message: /ram per gpu exceeds ratio limit/i,
    kind: 'no-capacity',
    evidence: { grade: 'C', source: 'inference: public clients retry with another hostnode after this message' },
  },
  {
    // Another customer took the port in the meantime.
    message: /port .*(unavailable|not available|in use)/i,
    operations: deploy,
    kind: 'no-capacity',
    evidence: { grade: 'A', source: dashboard },
  },
  {
    message: /insufficient (funds|balance)|not enough (funds|balance)|balance (is )?too low|add funds/i,
    kind: 'funds',
    evidence: { grade: 'C', source: 'inference: the account is prepaid' },
  },
  {
    message: /(quota|limit) (exceeded|reached)/i,
    kind: 'quota',
    evidence: { grade: 'C', source: 'inference: the usual words for a quota' },
  },
  {
    message: /not authori[sz]ed|unauthori[sz]ed|invalid (api|auth|credential)|authorization/i,
    kind: 'unauthorized',
    evidence: {
      grade: 'C',
      source: 'inference: the document has authorizations that are valid or not, without the words',
    },
  },
  {
    message: /not found|already terminated|does not exist|doesn'?t exist|no such|invalid server/i,
    kind: 'not-found',
    evidence: { grade: 'C', source: dstack },
  },
  {
    message: /too many requests|rate limit/i,
    kind: 'rate-limited',
    evidence: { grade: 'C', source: 'inference: the vendor asks for about one request a second' },
  },
  {
    // A deploy can succeed although it seemed to fail. Also when the vendor gives no reason.
    message: /time[d ]*out|timeout|internal|unknown|unexpected|try again|^$/i,
    operations: deploy,
    kind: 'unavailable',
    mayHaveTakenEffect: true,
    evidence: { grade: 'C', source: 'inference: public clients find the server in the list after a deploy timed out' },
  },
  // Any other refusal with HTTP 200 is about the order, so a retry is useless.
  { status: 200, operations: deploy, kind: 'invalid', evidence: { grade: 'C', source: dstack } },
];
