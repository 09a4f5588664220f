import { resultFile } from './job-of-run.ts';
import type { PlannedRun } from './plan.ts';
import type { Reported } from './run-record.ts';

/** What the sentence has to name, by how the run ended: a user acts on it. */
const names: Readonly<Record<string, (plan: PlannedRun) => RegExp>> = {
  'missing-output': () => new RegExp(`did not leave ${resultFile}`),
  'setup-failed': () => /The setup ended with exit code 9\b/,
  'cap-reached': ({ kind }) => (kind === 'cap-cost' ? /cap \(.*maxCost \$/ : /cap \(.*maxDuration /),
  cancelled: ({ id }) => new RegExp(`The run ${id} was cancelled`),
  terminated: ({ id }) => new RegExp(`The run ${id} was terminated`),
  stopped: ({ id }) => new RegExp(`Somebody stopped gpuc-chaos-${id}-\\d+,`),
  // Which offers were tried and what each of them said, or that there was none.
  'no-offer': () => /^(None of the offers worked out\. .*: .|No cloud has an offer that meets the job)/,
};

/** What belongs into no sentence for a user: values that were not there, stacks, and Temporal's inner life. */
const innards = [
  /\bundefined\b|\bNaN\b|\[object /,
  /\n\s+at |\.[jt]s:\d+/,
  /Activity task|Workflow execution|Child Workflow|heartbeat timeout|WorkflowTask/i,
];

/** Why the sentence with which a run ended tells its user nothing, or undefined when it does. */
export function saysNothing(plan: PlannedRun, { outcome, message }: Reported): string | undefined {
  if (message === undefined) return undefined;
  const found = innards.find((pattern) => pattern.test(message));
  if (found !== undefined) return `its message is not for a user: ${message}`;
  const needed = names[outcome]?.(plan);
  return needed === undefined || needed.test(message) ? undefined : `its message does not say why: ${message}`;
}
