import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ownerIdOf, parseInstanceName } from '@gpu-clouds/clouds';
import {
  JobFailedError,
  JobIdError,
  jobHandle,
  LeaseError,
  localRunStore,
  type RunStore,
  readOutput,
  startJob,
} from '@gpu-clouds/jobs';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Evidence, evidenceFolder, evidenceOfContainers, readEvidence, readProgress } from './evidence.ts';
import type { FaultClass } from './faults/index.ts';
import { downloadsOf } from './file-source.ts';
import { furtherAttempts, hostileJobOf, jobOf, keptFiles, resultFile } from './job-of-run.ts';
import { hasFeature, type Interference, type PlannedRun } from './plan.ts';
import { runKey, runOf } from './run-key.ts';
import type { Kept, LeaseRecord, Reported, RunRecord } from './run-record.ts';
import type { SimulatorControl } from './simulator-control.ts';
import { fleet, type Stack } from './stack.ts';
import { untilItWorks, within } from './until-it-works.ts';
import { watchRun } from './watch-run.ts';
import type { World } from './world.ts';

/** A run that has started. */
interface Started {
  /** With the ID of the run, which a schedule makes. */
  readonly plan: PlannedRun;
  /** The run as it was planned: its ID is that of its evidence and of its files from elsewhere. */
  readonly planned: PlannedRun;
  /** The lease that it runs on, if it does. */
  readonly lease?: LeaseRecord | undefined;
}

/** Starts one run, applies its planned interferences, and waits for its reported outcome. */
export async function driveRun(planned: PlannedRun, world: World): Promise<RunRecord> {
  const { stack } = world;
  const deadline = Date.now() + world.patience.runMs;
  const start = await starting(planned, world);
  const run = await untilItWorks(start, deadline);
  const { plan, lease } = run;
  const applied = new Set<FaultClass>();
  const over = new AbortController();
  const interfering = plan.interferences.map((interference) =>
    interfere(run, interference, { world, deadline, over: over.signal, applied }),
  );
  const watching = watchRun(plan, {
    client: stack.client,
    runs: storeOf(stack),
    folder: await evidenceFolder(stack.evidence, planned.id),
    over: over.signal,
  });
  // Prevents unhandled rejections. They are awaited once the run is over.
  for (const one of interfering) one.catch(() => undefined);
  const result = () => untilItWorks(() => resultOf(stack, plan.id, deadline), deadline).catch(() => undefined);
  let reported = await result();
  // A reset terminates the run and starts another one with the same ID.
  if (applied.has('reset') && reported?.outcome === 'terminated') reported = await result();
  over.abort();
  await Promise.allSettled(interfering);
  const { stored, flagged } = await watching;
  if (hasFeature(plan, 'scheduled')) await untilItWorks(() => world.schedules.end(planned.id), deadline);
  return {
    plan,
    applied: new Set([...applied, ...(lease?.applied ?? [])]),
    reported,
    ...(reported === undefined ? { prices: [] } : await shownOf(stack, plan.id).catch(() => ({ prices: [] }))),
    stored,
    flagged,
    kept: await Promise.all(keptFiles(plan).map((file, node) => keptBy(stack, plan, node, file, reported))),
    evidence: await evidenceOf(run, world),
    lease,
    elsewhere: hasFeature(plan, 'files-from-elsewhere')
      ? { downloads: downloadsOf(planned), sent: world.files.sentBy(planned, plan.id, resultFile) }
      : undefined,
  };
}

const storeOf = (stack: Stack) => localRunStore(join(stack.home, 'runs'));

/** Returns what starts a run. It may be repeated, because an answer may be lost. */
async function starting(plan: PlannedRun, { stack, files, leases, schedules }: World): Promise<() => Promise<Started>> {
  const elsewhere = hasFeature(plan, 'files-from-elsewhere') ? files.filesFor(plan, resultFile) : undefined;
  const job = jobOf(plan, await evidenceFolder(stack.evidence, plan.id), elsewhere);
  const { id, searchable = false } = plan;
  const options = { searchable, runs: storeOf(stack), schedule: plan.schedule };
  if (hasFeature(plan, 'scheduled')) {
    return async () => ({ plan: { ...plan, id: await schedules.start(id, job, options) }, planned: plan });
  }
  const startOn = async (lease?: LeaseRecord): Promise<Started> => {
    try {
      const on = lease && leases.handle(lease);
      await startJob(stack.client, job, { ...options, id, fleet: hostileJobOf(plan)?.fleet ?? fleet, on });
    } catch (error) {
      // The response to an earlier attempt was lost.
      if (!(error instanceof JobIdError)) throw error;
    }
    return { plan, planned: plan, lease };
  };
  if (!hasFeature(plan, 'on-lease')) return () => startOn();
  let chosen: LeaseRecord | undefined;
  return async () => {
    // The same one again, because an earlier attempt may have started the run.
    chosen ??= await leases.live();
    try {
      return await startOn(chosen);
    } catch (error) {
      if (error instanceof LeaseError) chosen = undefined;
      throw error;
    }
  };
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

/** Returns the prices of the run's instances and its failures, as far as the product shows them. */
async function shownOf(stack: Stack, id: string): Promise<Pick<RunRecord, 'prices' | 'failures'>> {
  const { instances, failures, phases } = await jobHandle(stack.client, id).status();
  const prices = instances.flatMap(({ instanceName: name, pricePerHour, earlierPrices = [] }) =>
    [...earlierPrices, { pricePerHour }].map((price) => ({ name, pricePerHour: price.pricePerHour })),
  );
  return { prices, failures: phases && failures };
}

async function evidenceOf({ planned }: Started, { stack, control }: World): Promise<Evidence> {
  const { id, shape } = planned;
  return shape === 'job-deployment'
    ? evidenceOfContainers(await control.ledger(), id)
    : readEvidence(stack.evidence, id);
}

async function progressOf({ planned }: Started, { stack, control }: World): Promise<Pick<Evidence, 'starts' | 'ends'>> {
  const { id, shape } = planned;
  return shape === 'job-deployment'
    ? evidenceOfContainers(await control.recentLedger(), id)
    : readProgress(stack.evidence, id);
}

async function keptBy(
  stack: Stack,
  plan: PlannedRun,
  node: number,
  file: string,
  reported: Reported | undefined,
): Promise<Kept> {
  const { id } = plan;
  const runs = storeOf(stack);
  const output = await storedOutput(runs, id, node, 1);
  const hasSecond = reported?.outcome === 'failed' && furtherAttempts(plan) !== undefined;
  const again = hasSecond ? await storedOutput(runs, id, node, 2) : undefined;
  const collected = await readFile(join(runs.location(id), 'outputs', file), 'utf8').catch(() => undefined);
  return { output, again, file: collected };
}

async function storedOutput(runs: RunStore, id: string, node: number, attempt: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readOutput(runs, id, { node, attempt })) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

interface InterferenceContext {
  readonly world: World;
  readonly deadline: number;
  readonly over: AbortSignal;
  readonly applied: Set<FaultClass>;
}

/** Both hide the instance of a lease from everybody: only its owner knew the ID, and the reaper destroys nothing under a name that is not ours. */
const hiding: readonly FaultClass[] = ['renamed', 'terminate-owner'];

/** Each look reads what the simulators and the command have noted. */
const lookEveryMs = 400;

async function interfere(
  run: Started,
  interference: Interference,
  { world, deadline, over, applied }: InterferenceContext,
): Promise<void> {
  const { plan, lease } = run;
  const { stack, control } = world;
  while (!(await hasReached(interference.at, run, world))) await delay(lookEveryMs, undefined, { signal: over });
  await delay(interference.delayMs, undefined, { signal: over });
  const { what, action } = interference;
  const { workflow } = stack.client;
  const attempt = async (work: () => Promise<unknown>, struck = applied) => {
    // Recorded before the call: it may take effect even if its response is lost.
    struck.add(what);
    world.note(`${plan.id}: ${what} (${interference.at})`);
    await untilItWorks(() => work().catch(ignoreEnded), deadline);
  };
  if (action.do === 'cancel') return attempt(() => workflow.getHandle(plan.id).cancel());
  if (action.do === 'terminate') return attempt(() => workflow.getHandle(plan.id).terminate('chaos'));
  if (action.do === 'reset') return attempt(() => reset(stack, plan.id));
  const instanceName = await currentNameOf(run, control);
  if (instanceName === undefined) return;
  // All runs on a lease have the same instance.
  const struck = lease?.applied;
  if (struck !== undefined && hiding.includes(what) && hiding.some((other) => other !== what && struck.has(other)))
    return;
  if (action.do === 'instance-fault') {
    // Until the product knows an instance's ID, it can find the instance by its name only.
    const instance = action.rule.kind === 'rename' ? await knownIdOf(run, world, { deadline, over }) : instanceName;
    if (!world.calm) await attempt(() => control.addFaults([{ ...action.rule, instance }]), struck);
  } else await attempt(() => workflow.getHandle(ownerIdOf(instanceName)).terminate('chaos'), struck);
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

async function hasReached(moment: Interference['at'], run: Started, world: World): Promise<boolean> {
  if (moment === 'started') return true;
  if (moment === 'rented') return (await currentNameOf(run, world.control)) !== undefined;
  const { starts, ends } = await progressOf(run, world);
  return moment === 'running' ? starts.some(({ step }) => step === 'command') : ends.length > 0;
}

/** Returns the name of the run's current instance or job deployment, or that of its lease. */
async function currentNameOf({ plan, lease }: Started, control: SimulatorControl): Promise<string | undefined> {
  const key = lease === undefined ? runKey(plan.id) : runOf({ name: lease.id });
  const { instances, jobDeployments } = await control.recentLedger();
  const current = [...instances, ...jobDeployments].filter(({ goneAt }) => goneAt === undefined);
  return current.findLast(({ name }) => parseInstanceName(name)?.run === key)?.name;
}

/** Waits until the product knows the ID of the run's current instance, or that of its lease, and returns it. */
async function knownIdOf(
  { plan, lease }: Started,
  { stack, leases }: World,
  { deadline, over }: Pick<InterferenceContext, 'deadline' | 'over'>,
): Promise<string> {
  for (;;) {
    const known = await untilItWorks(async () => {
      if (lease !== undefined) return (await leases.handle(lease).facts()).instanceId;
      const { instances } = await jobHandle(stack.client, plan.id).status();
      return instances.findLast(({ until }) => until === undefined)?.instanceId;
    }, deadline);
    if (known !== undefined) return known;
    await delay(200, undefined, { signal: over });
  }
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
