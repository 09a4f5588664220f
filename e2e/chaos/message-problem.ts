import { resultFile } from './job-of-run.ts';
import type { PlannedRun } from './plan.ts';
import { runKey } from './run-key.ts';
import type { Reported } from './run-record.ts';

/** Required content of the message, by outcome. */
const names: Readonly<Record<string, (plan: PlannedRun) => RegExp>> = {
  'missing-output': () => new RegExp(`did not leave ${resultFile}`),
  'setup-failed': () => /The setup ended with exit code 9\b/,
  'cap-reached': ({ kind }) => (kind === 'cap-cost' ? /cap \(.*maxCost \$/ : /cap \(.*maxDuration /),
  cancelled: ({ id }) => new RegExp(`The run ${id} was cancelled`),
  terminated: ({ id }) => new RegExp(`The run ${id} was terminated`),
  stopped: ({ id }) => new RegExp(`Somebody stopped gpuc-chaos-${runKey(id)}-\\d+(-[0-9a-z]+)?,`),
  'input-refused': () => /\bhas the SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}\./,
  'lease-ended': () => /^The lease lease\d+ (ended: .|has ended\.)/,
  'instance-refused': ({ interferences }) =>
    interferences.some(({ what }) => what === 'instance-disk-full')
      ? /No space left on device|instead of a short answer/
      : /./,
  // The offers that were tried with their errors, or that there was none.
  'no-offer': () => /^(None of the offers worked out\. .*: .|No cloud has an offer that meets the job)/,
};

/** Patterns that must not appear in a message: missing values, stack traces, and Temporal internals. */
const internals = [
  /\bundefined\b|\bNaN\b|\[object /,
  /\n\s+at |\.[jt]s:\d+/,
  /Activity task|Workflow execution|Child Workflow|heartbeat timeout|WorkflowTask/i,
];

/** Returns why the message of an ended run does not help its user, or undefined when it does. */
export function messageProblem(plan: PlannedRun, { outcome, message }: Reported): string | undefined {
  if (message === undefined) return undefined;
  const found = internals.find((pattern) => pattern.test(message));
  if (found !== undefined) return `its message is not for a user: ${message}`;
  const needed = names[outcome]?.(plan);
  return needed === undefined || needed.test(message) ? undefined : `its message does not say why: ${message}`;
}
