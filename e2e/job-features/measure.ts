import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClouds, ownerIdOf, rankOffers } from '@gpu-clouds/clouds';
import type { Stack } from '@gpu-clouds/dev';
import {
  clearBudget,
  type JobHandle,
  type JobInput,
  jobHandle,
  leaseInstance,
  openRunStore,
  parseJob,
  scheduleJob,
  setBudget,
  startJob,
} from '@gpu-clouds/jobs';
import { budgetWorkflowId } from '@gpu-clouds/jobs/contract';
import { Client, Connection } from '@temporalio/client';
import { historyFigures } from '../batch-scale/history-figures.ts';
import type { FileSource } from '../chaos/file-source.ts';
import { type Feature, made } from './features.ts';

/** What workflows cost on Temporal. */
export interface Cost {
  readonly events: number;
  /** Events without those of workflow tasks, whose number depends on how messages meet. */
  readonly steadyEvents: number;
  readonly bytes: number;
  readonly stateTransitions: number;
}

/** What a run cost, with all workflows that it started, and its part of those that it shares with other runs. */
export interface MeasuredFeature {
  readonly feature: Feature;
  readonly cost: Cost;
}

const fleet = 'dev';
const nothing: Cost = { events: 0, steadyEvents: 0, bytes: 0, stateTransitions: 0 };

/** Where the jobs run, and what they download. */
interface Surroundings {
  readonly stack: Stack;
  readonly source: FileSource;
}

/** Runs one job for each feature on the stack, one after the other. */
export async function measureFeatures(
  surroundings: Surroundings,
  features: readonly Feature[],
  log: (line: string) => void,
): Promise<readonly MeasuredFeature[]> {
  const { temporal } = surroundings.stack;
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace });
  const measured: MeasuredFeature[] = [];
  try {
    for (const feature of features) {
      const cost = await costOfRun(client, surroundings, feature);
      log(`${feature.name}: ${cost.events} events, ${cost.bytes} bytes`);
      measured.push({ feature, cost });
    }
    return measured;
  } finally {
    await connection.close();
  }
}

/** Accepts every notification. */
export async function startReceiver(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

async function costOfRun(client: Client, { stack, source }: Surroundings, feature: Feature): Promise<Cost> {
  const minimal: JobInput = { name: 'measured', command: 'true', resources: { gpu: 'L40S' } };
  const files = feature.files?.(source.filesFor({ id: 'measured' }, made));
  const job = parseJob(
    JSON.stringify({ ...minimal, ...(files && { files }), ...feature.job }),
    join(dirname(source.programs), 'job.json'),
  );
  const runs = await openRunStore(`${stack.env.GPU_CLOUDS_RUNS}`);
  const options = { fleet, runs };
  switch (feature.with) {
    case 'budget': {
      await setBudget(client, { dollars: 1000, per: 'day' }, { fleet });
      const before = await settledCost(client, budgetWorkflowId(fleet));
      const own = await costOf(client, await startJob(client, job, options), feature);
      const after = await settledCost(client, budgetWorkflowId(fleet));
      await clearBudget(client, { fleet });
      return sum([own, difference(after, before)]);
    }
    case 'lease': {
      const lease = await leaseInstance(client, { offer: await anyOffer(stack), ttl: '1h', fleet });
      await lease.ready();
      const before = await settledCost(client, lease.id);
      const own = await costOf(client, await startJob(client, job, { ...options, on: lease }), feature);
      while ((await lease.facts()).runs !== undefined) await delay(200);
      const after = await settledCost(client, lease.id);
      await lease.release();
      await lease.ended();
      return sum([own, difference(after, before)]);
    }
    case 'schedule': {
      const schedule = await scheduleJob(client, job, { ...options, cron: '0 0 1 1 *' });
      const id = await schedule.run();
      await schedule.remove();
      if (id === undefined) throw new Error('The schedule started no run.');
      return costOf(client, jobHandle(client, id), feature);
    }
    default:
      return costOf(client, await startJob(client, job, options), feature);
  }
}

async function anyOffer(stack: Stack) {
  const { clouds } = createClouds({ env: { ...process.env, ...stack.env } });
  const lists = await Promise.all([...clouds.values()].map((cloud) => cloud.listOffers()));
  const [offer] = rankOffers(lists.flat(), { gpu: 'L40S', gpuCount: 1, spot: 'never' });
  if (offer === undefined) throw new Error('The simulated clouds have no L40S.');
  return offer;
}

/** Waits for the end of a run, and returns its cost, with its owners and its notifications. */
async function costOf(client: Client, run: JobHandle, feature: Feature): Promise<Cost> {
  // A run that fails has a history too.
  await run.result().catch(() => undefined);
  const { instances, lease } = await run.status();
  const owners = lease === undefined ? instances.map(({ instanceName }) => ownerIdOf(instanceName)) : [];
  const notifications = feature.job?.notify === undefined ? [] : [`${run.id}/notify`];
  for (const id of notifications) await client.workflow.getHandle(id).result();
  return sum(await Promise.all([run.id, ...owners, ...notifications].map((id) => settledCost(client, id))));
}

/** Returns the cost of a workflow once it has handled all messages. */
async function settledCost(client: Client, id: string): Promise<Cost> {
  for (let earlier = nothing; ; await delay(500)) {
    const { runId, raw } = await client.workflow.getHandle(id).describe();
    const { events, steadyEvents, mostBytes: bytes } = await historyFigures(client, id, runId);
    const stateTransitions = Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
    if (events === earlier.events) return { events, steadyEvents, bytes, stateTransitions };
    earlier = { events, steadyEvents, bytes, stateTransitions };
  }
}

function sum(costs: readonly Cost[]): Cost {
  return costs.reduce((total, one) => combined(total, one, 1), nothing);
}

/** Returns how much more the first one is. */
export function difference(one: Cost, other: Cost): Cost {
  return combined(one, other, -1);
}

function combined(one: Cost, other: Cost, sign: 1 | -1): Cost {
  return {
    events: one.events + sign * other.events,
    steadyEvents: one.steadyEvents + sign * other.steadyEvents,
    bytes: one.bytes + sign * other.bytes,
    stateTransitions: one.stateTransitions + sign * other.stateTransitions,
  };
}
