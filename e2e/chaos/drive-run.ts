import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownerIdOf, parseInstanceName } from '@gpu-clouds/clouds';
import {
  JobFailedError,
  JobIdError,
  JobNotFoundError,
  jobHandle,
  localRunStore,
  readOutput,
  startJob,
} from '@gpu-clouds/jobs';
import type { Ledger } from '@gpu-clouds/simulators';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Evidence, evidenceFolder, evidenceOfContainers, readEvidence } from './evidence.ts';
import type { FaultClass } from './faults/index.ts';
import { hostileJobOf, jobOf, keptFiles } from './job-of-run.ts';
import type { Interference, PlannedRun } from './plan.ts';
import { runKey } from './run-key.ts';
import type { Kept, Reported, RunRecord } from './run-record.ts';
import type { SimulatorControl } from './simulator-control.ts';
import { fleet, type Stack } from './stack.ts';
import type { World } from './world.ts';

/** Starts one run, applies its planned interferences, and waits for its reported outcome. */
export async function driveRun(plan: PlannedRun, world: World): Promise<RunRecord> {
  const { stack } = world;
  const deadline = Date.now() + world.patience.runMs;
  const evidence = await evidenceFolder(stack.evidence, plan.id);
  const applied = new Set<FaultClass>();
  await untilItWorks(() => startOnce(stack, plan, evidence), deadline);
  const over = new AbortController();
  const interfering = plan.interferences.map((interference) =>
    interfere(plan, interference, { world, deadline, over: over.signal, applied }),
  );
  // Prevents unhandled rejections. They are awaited once the run is over.
  for (const one of interfering) one.catch(() => undefined);
  const result = () => untilItWorks(() => resultOf(stack, plan.id, deadline), deadline).catch(() => undefined);
  let reported = await result();
  // A reset terminates the run and starts another one with the same ID.
  if (applied.has('reset') && reported?.outcome === 'terminated') reported = await result();
  over.abort();
  await Promise.allSettled(interfering);
  return {
    plan,
    applied,
    reported,
    prices: reported === undefined ? [] : await pricesOf(stack, plan.id).catch(() => []),
    kept: await Promise.all(keptFiles(plan).map((file, node) => keptBy(stack, plan.id, node, file))),
    evidence: await evidenceOf(plan, stack, world.control.ledger),
  };
}

const storeOf = (stack: Stack) => localRunStore(join(stack.home, 'runs'));

async function startOnce(stack: Stack, plan: PlannedRun, evidence: string): Promise<void> {
  try {
    const { id, searchable = false } = plan;
    const options = { id, fleet: hostileJobOf(plan)?.fleet ?? fleet, searchable, runs: storeOf(stack) };
    await startJob(stack.client, jobOf(plan, evidence), options);
  } catch (error) {
    // The response to an earlier attempt was lost.
    if (!(error instanceof JobIdError)) throw error;
  }
}

async function resultOf(stack: Stack, id: string, deadline: number): Promise<Reported> {
  try {
    const result = await within(jobHandle(stack.client, id).result(), deadline);
    const { outcome, exitCode, dollars, phases } = result;
    return { outcome, exitCode, dollars, phases };
  } catch (error) {
    if (!(error instanceof JobFailedError)) throw error;
    return { outcome: error.kind, message: error.message, ...error.bill };
  }
}

/** Returns the prices that the product shows of the run's instances, or none when it does not answer. */
async function pricesOf(stack: Stack, id: string): Promise<RunRecord['prices']> {
  const { instances } = await jobHandle(stack.client, id).status();
  return instances.flatMap(({ instanceName: name, pricePerHour, earlierPrices = [] }) =>
    [...earlierPrices, { pricePerHour }].map((price) => ({ name, pricePerHour: price.pricePerHour })),
  );
}

async function evidenceOf({ id, shape }: PlannedRun, stack: Stack, ledger: () => Promise<Ledger>): Promise<Evidence> {
  return shape === 'job-deployment' ? evidenceOfContainers(await ledger(), id) : readEvidence(stack.evidence, id);
}

async function keptBy(stack: Stack, id: string, node: number, file: string): Promise<Kept> {
  const runs = storeOf(stack);
  const pieces: Uint8Array[] = [];
  for await (const piece of readOutput(runs, id, { node })) pieces.push(piece);
  const collected = await readFile(join(runs.location(id), 'outputs', file), 'utf8').catch(() => undefined);
  return { output: Buffer.concat(pieces).toString(), ...(collected === undefined ? {} : { file: collected }) };
}

interface InterferenceContext {
  readonly world: World;
  readonly deadline: number;
  readonly over: AbortSignal;
  readonly applied: Set<FaultClass>;
}

async function interfere(
  plan: PlannedRun,
  interference: Interference,
  { world, deadline, over, applied }: InterferenceContext,
): Promise<void> {
  const { stack, control } = world;
  while (!(await hasReached(interference.at, plan, world))) await delay(200, undefined, { signal: over });
  await delay(interference.delayMs, undefined, { signal: over });
  const { what, action } = interference;
  const { workflow } = stack.client;
  const attempt = async (work: () => Promise<unknown>) => {
    // Recorded before the call: it may take effect even if its response is lost.
    applied.add(what);
    world.note(`${plan.id}: ${what} (${interference.at})`);
    await untilItWorks(() => work().catch(ignoreEnded), deadline);
  };
  if (action.do === 'cancel') return attempt(() => workflow.getHandle(plan.id).cancel());
  if (action.do === 'terminate') return attempt(() => workflow.getHandle(plan.id).terminate('chaos'));
  if (action.do === 'reset') return attempt(() => reset(stack, plan.id));
  const instanceName = await currentNameOf(plan, control);
  if (instanceName === undefined) return;
  if (action.do === 'instance-fault') {
    if (!world.calm) await attempt(() => control.addFaults([{ ...action.rule, instance: instanceName }]));
  } else await attempt(() => workflow.getHandle(ownerIdOf(instanceName)).terminate('chaos'));
}

async function reset(stack: Stack, id: string): Promise<void> {
  const { client } = stack;
  const { runId } = await client.workflow.getHandle(id).describe();
  const { events } = await client.workflow.getHandle(id, runId).fetchHistory();
  const first = events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  if (!first?.eventId) throw new Error(`${id} has not started yet.`);
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: id, runId },
    reason: 'chaos',
    requestId: `chaos-${runId}`,
    workflowTaskFinishEventId: first.eventId,
  });
}

async function hasReached(moment: Interference['at'], run: PlannedRun, world: World): Promise<boolean> {
  if (moment === 'started') return true;
  if (moment === 'rented') return (await currentNameOf(run, world.control)) !== undefined;
  const { starts, ends } = await evidenceOf(run, world.stack, world.control.recentLedger);
  return moment === 'running' ? starts.some(({ step }) => step === 'command') : ends.length > 0;
}

/** Returns the name of the run's current instance or job deployment. */
async function currentNameOf({ id }: PlannedRun, control: SimulatorControl): Promise<string | undefined> {
  const { instances, jobDeployments } = await control.recentLedger();
  const current = [...instances, ...jobDeployments].filter(({ goneAt }) => goneAt === undefined);
  return current.findLast(({ name }) => parseInstanceName(name)?.run === runKey(id))?.name;
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** Retries `work` until it succeeds or the deadline has passed, because the server may be down. */
export async function untilItWorks<T>(work: () => Promise<T>, deadline: number): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof JobNotFoundError || Date.now() > deadline) throw error;
      await delay(300);
    }
  }
}

async function within<T>(work: Promise<T>, deadline: number): Promise<T> {
  const late = new AbortController();
  const timeout = delay(Math.max(1, deadline - Date.now()), undefined, { signal: late.signal }).then(() => {
    throw new Error('The run did not end in time.');
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    late.abort();
  }
}
