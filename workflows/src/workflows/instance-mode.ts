import type { Offer, OfferConstraints, Vendor } from '@gpu-clouds/clouds/pure';
import type { InstanceJob } from '@gpu-clouds/jobs/contract';
import type { Collected } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { awaitedOffers, offers } from './activity-proxies.ts';
import { untilLastAttempt } from './attempts.ts';
import { checkpointed, dropCheckpoints, restore } from './checkpointing.ts';
import { summaryOf } from './failure-summary.ts';
import { collect, download, upload } from './job-files.ts';
import type { JobMode } from './job-mode.ts';
import { type JobNode, nodesOf, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';
import { prepareContainer } from './prepare-container.ts';
import { readyInstance } from './ready-instance.ts';
import type { RentedNodes } from './rented-nodes.ts';
import { type CommandEnd, runCommand } from './run-command.ts';
import type { Done } from './run-outcome.ts';
import { within } from './stopping.ts';

/** Runs setup and command of a job on instances, over SSH. */
export class InstanceMode implements JobMode {
  readonly request;
  readonly #run: JobRun<InstanceJob>;

  constructor(run: JobRun<InstanceJob>) {
    this.#run = run;
    const { image, storage } = run.order.job.resources;
    this.request = { image, storage };
  }

  findOffers(vendor: Vendor, constraints: OfferConstraints): Promise<readonly Offer[]> {
    return offers(vendor).findOffers({ vendor, constraints });
  }

  awaitOffer(vendor: Vendor, constraints: OfferConstraints, timeoutMs: number): Promise<unknown> {
    return awaitedOffers(vendor, timeoutMs).findOffers({ vendor, constraints, wait: true });
  }

  async work(rented: RentedNodes): Promise<Done | undefined> {
    return doJob(this.#run, nodesOf(await rented.ready(readyInstance), rented.offer.gpuCount));
  }
}

/** Does the job on instances that answer. Returns undefined if it goes on with other instances. */
export async function doJob(run: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<Done | undefined> {
  const { job } = run.order;

  run.enter('uploading');
  await upload(run, nodes);
  await download(run, nodes);

  if (job.container !== undefined) await prepareContainer(run, nodes, job.container);

  if (job.setup !== undefined) await setUp(run, nodes, job.setup);

  if (run.beginsAgain) await restore(run, nodes);

  run.enter('running');
  const end = await untilLastAttempt(run, () =>
    checkpointed(run, nodes, () => runCommand(run, nodes)).catch((error: unknown) => collectAnyway(run, nodes, error)),
  );
  if (end === undefined) return undefined;
  run.commandEnded(end.exitCode);

  run.enter('collecting');
  const collected = await collect(run, nodes);
  // Not before: the next instance needs them if this one is lost with its files.
  if (end.exitCode === 0 && end.asked === undefined) await dropCheckpoints(run);
  check(end, collected, run);
  return {
    exitCode: end.exitCode,
    exitCodes: end.exitCodes,
    outputs: collected.outputs,
    sent: collected.sent,
    stopped: end.asked === 'stop',
  };
}

/** The instance can be reached, but the command left no exit code. Its files are collected before the run fails. */
const leavesFiles: ReadonlySet<string> = new Set(['vanished', 'invalid-exit-code']);

async function collectAnyway(run: JobRun<InstanceJob>, nodes: readonly JobNode[], error: unknown): Promise<never> {
  if (leavesFiles.has(summaryOf(error).kind)) {
    run.enter('collecting');
    // The failure of the command says more than a failure to collect its files.
    await collect(run, nodes).catch(() => undefined);
  }
  throw error;
}

/** @throws ApplicationFailure `setup-failed` */
async function setUp(run: JobRun<InstanceJob>, nodes: readonly JobNode[], script: string): Promise<void> {
  run.enter('setting-up');
  const { maxSetup } = run.order.job.limits;
  const tooLong = finalFailure('setup-failed', `The setup took longer than limits.maxSetup, ${maxSetup}.`);
  await within(maxSetup, tooLong, () =>
    onEveryNode(nodes, async (node) => {
      const exitCode = await run.step(node, 'setup', script);
      if (exitCode === 0) return;
      run.setupEnded(exitCode);
      const where = nodes.length === 1 ? '' : ` on node ${node.node}`;
      const message = `The setup ended${where} with exit code ${exitCode}: its output says why.`;
      throw finalFailure('setup-failed', message);
    }),
  );
  run.setupEnded(0);
}

/** @throws ApplicationFailure `lease-ended`, `command-timeout`, `idle-gpu`, `missing-output` */
function check({ exitCode, asked }: CommandEnd, { missing, cut }: Collected, run: JobRun<InstanceJob>): void {
  const { limits } = run.order.job;
  if (asked === 'lease-ending') throw finalFailure('lease-ended', run.leaseEnding ?? '');
  if (asked === 'too-long') {
    const message = `The command took longer than limits.maxCommand, ${limits.maxCommand}, and was asked to end.`;
    throw finalFailure('command-timeout', message);
  }
  if (asked === 'too-idle') {
    const node = run.order.job.resources.nodes === 1 ? '' : ` of node ${run.record.facts.idleGpus?.node}`;
    const { below, for: time } = limits.idleGpu ?? {};
    const message = `All GPUs${node} were below ${below} % for ${time} (limits.idleGpu), and the command was asked to end.`;
    throw finalFailure('idle-gpu', message);
  }
  if (exitCode === 0 && missing.length > 0 && asked === undefined) {
    const message = `The command succeeded but did not leave ${missing.join(', ')}, which the job wants back.`;
    throw finalFailure('missing-output', message);
  }
  if (exitCode === 0 && cut !== undefined && asked === undefined) {
    const message = `The command succeeded, but ${cut}. What was copied before is kept. Raise limits.maxOutputs, or copy back less.`;
    throw finalFailure('missing-output', message);
  }
}
