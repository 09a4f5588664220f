import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseInstanceName } from '@gpu-clouds/clouds';
import {
  JobFailedError,
  JobIdError,
  JobNotFoundError,
  jobHandle,
  localRuns,
  readOutput,
  startJob,
} from '@gpu-clouds/jobs';
import type { Ledger } from '@gpu-clouds/simulators';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Evidence, evidenceFolder, evidenceOfContainers, readEvidence } from './evidence.ts';
import { jobOf, keptFiles } from './job-of-run.ts';
import type { Interference, PlannedRun } from './plan.ts';
import type { Kept, Reported, RunRecord } from './run-record.ts';
import type { SimulatorDoor } from './simulator-door.ts';
import { fleet, type Stack } from './stack.ts';
import { patienceMs, type World } from './world.ts';

type Planned = PlannedRun['interferences'][number];

/** Starts one run, does to it what is planned, and waits for what the product says of it. */
export async function driveRun(plan: PlannedRun, world: World): Promise<RunRecord> {
  const { stack } = world;
  const deadline = Date.now() + patienceMs;
  const evidence = await evidenceFolder(stack.evidence, plan.id);
  const suffered = new Set<Interference['what']>();
  await untilItWorks(() => startOnce(stack, plan, evidence), deadline);
  const over = new AbortController();
  const interfering = plan.interferences.map((interference) =>
    interfere(plan, interference, { world, deadline, over: over.signal, suffered }),
  );
  // What becomes of them is looked at when the run is over.
  for (const one of interfering) one.catch(() => undefined);
  const result = () => untilItWorks(() => resultOf(stack, plan.id, deadline), deadline).catch(() => undefined);
  let reported = await result();
  // A reset terminates the run as it was, and begins another of the same id.
  if (suffered.has('reset') && reported?.outcome === 'terminated') reported = await result();
  over.abort();
  await Promise.allSettled(interfering);
  return {
    plan,
    suffered,
    ...(reported === undefined ? {} : { reported }),
    kept: await Promise.all(keptFiles(plan).map((file, node) => whatIsKept(stack, plan.id, node, file))),
    evidence: await evidenceOf(plan, stack, world.door.ledger),
  };
}

async function startOnce(stack: Stack, plan: PlannedRun, evidence: string): Promise<void> {
  try {
    const { id, searchable = false } = plan;
    await startJob(stack.client, jobOf(plan, evidence), { id, fleet, searchable });
  } catch (error) {
    // The answer to an earlier try was lost.
    if (!(error instanceof JobIdError)) throw error;
  }
}

async function resultOf(stack: Stack, id: string, deadline: number): Promise<Reported> {
  try {
    const result = await within(jobHandle(stack.client, id).result(), deadline);
    return { outcome: result.outcome, exitCode: result.exitCode };
  } catch (error) {
    if (!(error instanceof JobFailedError)) throw error;
    return { outcome: error.kind, message: error.message };
  }
}

async function evidenceOf({ id, shape }: PlannedRun, stack: Stack, ledger: () => Promise<Ledger>): Promise<Evidence> {
  return shape === 'job-deployment' ? evidenceOfContainers(await ledger(), id) : readEvidence(stack.evidence, id);
}

async function whatIsKept(stack: Stack, id: string, node: number, file: string): Promise<Kept> {
  const runs = localRuns(join(stack.home, 'runs'));
  const pieces: Uint8Array[] = [];
  for await (const piece of readOutput(runs, id, { node })) pieces.push(piece);
  const brought = await readFile(join(runs.location(id), 'outputs', file), 'utf8').catch(() => undefined);
  return { output: Buffer.concat(pieces).toString(), ...(brought === undefined ? {} : { file: brought }) };
}

interface Scene {
  readonly world: World;
  readonly deadline: number;
  readonly over: AbortSignal;
  readonly suffered: Set<Interference['what']>;
}

async function interfere(
  plan: PlannedRun,
  interference: Planned,
  { world, deadline, over, suffered }: Scene,
): Promise<void> {
  const { stack, door } = world;
  while (!(await hasCome(interference.at, plan, world))) await delay(200, undefined, { signal: over });
  await delay(interference.delayMs, undefined, { signal: over });
  // Noted before it is done: if the answer is lost, it may have been done.
  const did = interference.what;
  const { workflow } = stack.client;
  const attempt = (work: () => Promise<unknown>) => {
    suffered.add(did);
    world.note(`${plan.id}: ${did} (${interference.at})`);
    return untilItWorks(() => work().catch(ignoreEnded), deadline);
  };
  if (did === 'cancel') await attempt(() => workflow.getHandle(plan.id).cancel());
  else if (did === 'terminate') await attempt(() => workflow.getHandle(plan.id).terminate('chaos'));
  else if (did === 'reset') await attempt(() => reset(stack, plan.id));
  else {
    const instanceName = await instanceOf_(plan, door);
    if (instanceName === undefined) return;
    if (did === 'terminate-owner') await attempt(() => workflow.getHandle(instanceName).terminate('chaos'));
    else {
      const seconds = interference.what === 'ssh-refuses' ? interference.seconds : undefined;
      const rule = { kind: did, instance: instanceName, ...(seconds === undefined ? {} : { seconds }) };
      if (!world.calm) await attempt(() => door.addFaults([rule]));
    }
  }
}

async function reset(stack: Stack, id: string): Promise<void> {
  const { client } = stack;
  const { runId } = await client.workflow.getHandle(id).describe();
  const { events } = await client.workflow.getHandle(id, runId).fetchHistory();
  const first = events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  if (!first?.eventId) throw new Error(`${id} has not begun yet.`);
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: id, runId },
    reason: 'chaos',
    requestId: `chaos-${runId}`,
    workflowTaskFinishEventId: first.eventId,
  });
}

async function hasCome(moment: Planned['at'], run: PlannedRun, world: World): Promise<boolean> {
  if (moment === 'started') return true;
  if (moment === 'rented') return (await instanceOf_(run, world.door)) !== undefined;
  const { starts, ends } = await evidenceOf(run, world.stack, world.door.glimpse);
  return moment === 'running' ? starts.some(({ step }) => step === 'command') : ends.length > 0;
}

/** Label of the run's machine, or of its fleet, that is there now. */
async function instanceOf_({ id }: PlannedRun, door: SimulatorDoor): Promise<string | undefined> {
  const { instances, jobDeployments } = await door.glimpse();
  const there = [...instances, ...jobDeployments].filter(({ goneAt }) => goneAt === undefined);
  return there.findLast(({ name: instanceName }) => parseInstanceName(instanceName)?.run === id)?.name;
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/** Again and again while the server is away. */
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
    throw new Error('It did not end in time.');
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    late.abort();
  }
}
