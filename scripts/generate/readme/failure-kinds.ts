import { type FailurePolicy, failurePolicies } from '@gpu-clouds/jobs/kinds';
import { alignedTable } from './markdown.ts';

const steps: Readonly<Record<FailurePolicy['next'], string>> = {
  'next-offer': 'tries the next offer',
  'same-offer': 'tries again, 3 times',
  'new-offers': 'lists offers again',
  'next-cloud': 'leaves out this cloud',
  'end-run': 'ends',
};

/** Returns the part `failure kinds`: every failure kind, what it means, and what the run does next. */
export function failureKinds(name: string): string | undefined {
  if (name !== 'failure kinds') return undefined;
  const rows = Object.entries(failurePolicies).map(([kind, { meaning, next, alert }]) => [
    `\`${kind}\`${alert ? ' (alert)' : ''}`,
    meaning,
    steps[next],
  ]);
  return alignedTable(['Kind', 'Meaning', 'The run'], rows);
}
