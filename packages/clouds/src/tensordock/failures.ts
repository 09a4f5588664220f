import type { FailureRule } from '../failure-rules.ts';

const deploy = ['deployVirtualMachine'];

/** There are no codes, and a failure comes with HTTP 200 as well: the text is all there is. */
export const tensorDockFailures: readonly FailureRule[] = [
  {
    text: /no available nodes found|hostnode unavailable|out of stock|insufficient capacity|no available public ips/i,
    kind: 'no-capacity',
    evidence: 'public clients of this and of the later API',
  },
  {
    text: /ram per gpu exceeds ratio limit/i,
    kind: 'no-capacity',
    evidence: "public clients: the hostnode's own limit, so that another offer may do",
  },
  {
    text: /port .*(unavailable|not available|in use)/i,
    operations: deploy,
    kind: 'no-capacity',
    evidence: 'dashboard-frontend-template, deploy.ts: a port is refused that somebody else took meanwhile',
  },
  {
    text: /insufficient (funds|balance)|not enough (funds|balance)|balance (is )?too low|add funds/i,
    kind: 'funds',
    evidence: 'inference: the account is prepaid',
  },
  { text: /(quota|limit) (exceeded|reached)/i, kind: 'quota', evidence: 'inference' },
  {
    text: /not authori[sz]ed|unauthori[sz]ed|invalid (api|auth|credential)|authorization/i,
    kind: 'unauthorized',
    evidence: 'published document: a pair is valid or not; the words are an inference',
  },
  {
    text: /not found|already terminated|does not exist|doesn'?t exist|no such|invalid server/i,
    kind: 'not-found',
    evidence: 'public clients, dstack\'s among them ("already terminated"): what a VM that is gone is answered with',
  },
  {
    text: /too many requests|rate limit/i,
    kind: 'rate-limited',
    evidence: 'public clients: about one request a second is asked for',
  },
  {
    text: /time[d ]*out|timeout|internal|unknown|unexpected|try again|no reason is given/i,
    operations: deploy,
    kind: 'unavailable',
    mayHaveTakenEffect: true,
    evidence: 'public clients: a deployment can succeed after it seemed to fail',
  },
  // Anything else that a deployment is refused for is about the deployment: trying again would be for ever.
  {
    code: 'vendor-failure',
    operations: deploy,
    kind: 'invalid',
    evidence: 'dstack, core/backends/tensordock/api_client.py: failures come as success: false on a 200',
  },
];
