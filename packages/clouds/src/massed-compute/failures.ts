import type { FailureRule } from '../failure-rules.ts';

const plugin = "massed-compute-agent-plugin, skills/mc-launch-vms (the vendor's own)";

/** The vendor documents no failure in its API document, and no words for a lack of capacity anywhere. */
export const massedComputeFailures: readonly FailureRule[] = [
  { text: /does not support the vm image/i, kind: 'invalid', evidence: `${plugin}: deterministic, do not retry` },
  {
    text: /capacity|out of stock|sold out|not available/i,
    operations: ['launchInstance'],
    kind: 'no-capacity',
    evidence: 'what public clients look for; a guess, since the vendor documents no words',
  },
  {
    status: 409,
    operations: ['launchInstance'],
    kind: 'no-capacity',
    evidence: 'what public clients look for; a guess, since the vendor documents no status',
  },
  {
    text: /no valid vms found/i,
    operations: ['terminateInstances'],
    kind: 'not-found',
    evidence: "the vendor's own end-to-end notes of 2026-07-30 (massed-compute-mcp): a uuid that never was",
  },
  { status: 402, kind: 'funds', evidence: `${plugin}: recharge amount or threshold is not set` },
  { text: /limit (reached|exceeded)|quota/i, kind: 'quota', evidence: 'inference' },
];
