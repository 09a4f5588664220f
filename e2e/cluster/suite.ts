import { batchHandle, parseJob, startBatch } from '@gpu-clouds/jobs';
import { vendors } from '@gpu-clouds/simulators';
import type { Client } from '@temporalio/client';
import type { FaultClass } from '../chaos/faults/index.ts';
import type { JobKind, Plan, PlannedFault, PlannedRun } from '../chaos/plan.ts';
import { fleet, type Stack } from '../chaos/stack.ts';
import { untilItWorks } from '../chaos/until-it-works.ts';
import { defaultPatience } from '../chaos/world.ts';

/** Fault classes of the suite. The judge accepts only failures that these explain. */
export const suiteFaults: ReadonlySet<FaultClass> = new Set([
  ...(['worker-kill', 'server-kill', 'cancel', 'terminate'] as const),
  'shared-account',
]);

/** Jobs for every outcome, started in this order. The long ones start first, so that the suite does not wait for them at the end. */
const jobs: readonly { readonly kind: JobKind; readonly end?: 'cancel' | 'terminate'; readonly setup?: boolean }[] = [
  { kind: 'cap-duration' },
  { kind: 'cap-cost' },
  { kind: 'idle-gpu' },
  { kind: 'idle-warned' },
  { kind: 'resumes' },
  { kind: 'success', setup: true },
  { kind: 'exit-code' },
  { kind: 'success', end: 'cancel' },
  { kind: 'setup-fails', setup: true },
  { kind: 'missing-output' },
  { kind: 'success', end: 'terminate' },
  { kind: 'success' },
  { kind: 'success' },
  { kind: 'exit-code', setup: true },
  { kind: 'success' },
];

const killings: readonly PlannedFault[] = [
  { afterStarts: 6, delayMs: 6000, action: { what: 'worker-kill', worker: 0, awayMs: 5000 } },
  { afterStarts: 8, delayMs: 2000, action: { what: 'server-kill', awayMs: 2000 } },
  { afterStarts: 10, delayMs: 1000, action: { what: 'worker-deploy', worker: 1, awayMs: 0 } },
];

/** Returns the runs of the suite and its faults: a worker is killed, then the server is killed, then the other worker is replaced. */
export function suitePlan(): Plan {
  return {
    runs: jobs.map(plannedRun),
    faults: killings,
  };
}

function plannedRun({ kind, end, setup = false }: (typeof jobs)[number], index: number): PlannedRun {
  const at = (position: number) => vendors[position % vendors.length] ?? vendors[0];
  return {
    id: `suite-${index}`,
    kind,
    shape: 'instance',
    exitCode: kind === 'exit-code' ? 42 : 0,
    // Similar prices make a cost cap last a similar time.
    vendors: kind === 'cap-cost' ? vendors : [at(index), at(index + 1)],
    lines: end === undefined ? 10 : 120,
    pauseMs: 500,
    setup,
    searchable: true,
    interferences: end === undefined ? [] : [{ what: end, action: { do: end }, at: 'running', delayMs: 500 }],
  };
}

/** Expected number of runs by outcome. Killing workers and the server must not change it. */
export const expectedOutcomes: Readonly<Record<string, number>> = {
  'cap-reached': 2,
  'idle-gpu': 1,
  succeeded: 6,
  failed: 2,
  cancelled: 1,
  'setup-failed': 1,
  'missing-output': 1,
  terminated: 1,
};

/** Exit codes of the items of the batch. */
export const batchItems = [0, 0, 3, 0, 0, 0];

/**
 * Runs a batch of six items, one of which fails, while the runs are active. Then checks that all runs can be searched and all faults happened.
 * @returns one sentence per problem
 */
export async function suiteProblems(stack: Stack, runsDone: Promise<unknown>): Promise<readonly string[]> {
  const batch = await batchProblems(stack.client);
  await runsDone;
  const { count } = await stack.client.workflow.count(`GpuCloudsPhase = 'finished'`);
  // A terminated run no longer updates its search attributes.
  const ended = jobs.length - 1;
  return [
    ...batch,
    ...(count === ended ? [] : [`the search GpuCloudsPhase = 'finished' found ${count} of ${ended} runs`]),
    ...(stack.outages.length === killings.length
      ? []
      : [`${stack.outages.length} faults happened, expected ${killings.length}`]),
  ];
}

async function batchProblems(client: Client): Promise<readonly string[]> {
  const items = batchItems.map((code) => ({ env: { CODE: String(code) } }));
  const options = { id: 'suite-batch', fleet, window: 3 };
  const deadline = Date.now() + defaultPatience.runMs;
  const { id } = await startBatch(client, batchJob, items, options);
  const result = await untilItWorks(() => batchHandle(client, id).result(), deadline);
  return batchItems.flatMap((code, index) => {
    const { outcome, exitCode } = result.items[index] ?? {};
    if (outcome === (code === 0 ? 'succeeded' : 'failed') && exitCode === code) return [];
    return [`item ${index} of the batch ended as "${outcome}" with exit code ${exitCode}, expected ${code}`];
  });
}

const batchJob = parseJob(
  JSON.stringify({ name: 'suite-batch', command: 'sleep 2; exit $CODE', env: { CODE: '0' } }),
  'b.json',
);
