import type { FailureRule } from '../failure-rules.ts';

/** The vendor's own instructions for agents. */
const launchSkill = {
  grade: 'A',
  source: 'Massed-Compute/massed-compute-agent-plugin@aded01a: plugins/massed-compute/skills/mc-launch-vms/SKILL.md',
} as const;
const noWords = {
  grade: 'C',
  source: 'inference: public clients look for this; the vendor documents no failures',
} as const;

/** The vendor documents no failures, and no message for a lack of capacity. */
export const massedComputeFailures: readonly FailureRule[] = [
  { message: /does not support the vm image/i, kind: 'invalid', evidence: launchSkill },
  {
    message: /capacity|out of stock|sold out|not available/i,
    operations: ['launchInstance'],
    kind: 'no-capacity',
    evidence: noWords,
  },
  { status: 409, operations: ['launchInstance'], kind: 'no-capacity', evidence: noWords },
  {
    // The answer to a uuid that never existed.
    message: /no valid vms found/i,
    operations: ['terminateInstances'],
    kind: 'not-found',
    evidence: { grade: 'A', source: 'Massed-Compute/massed-compute-mcp@cd2074d: docs/e2e/results/2026-07-30.md' },
  },
  // The recharge amount or threshold is not set.
  { status: 402, kind: 'funds', evidence: launchSkill },
  { message: /limit (reached|exceeded)|quota/i, kind: 'quota', evidence: noWords },
];
