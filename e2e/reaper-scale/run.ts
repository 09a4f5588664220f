/**
 * Measures a scan of the reaper in an account with many instances: `pnpm reaper-scale [--others 9000] [--ours 1000]`.
 *
 * The simulators of Massed Compute (a list in one answer) and GPU.ai (a list in pages) hold the instances. Of ours, a tenth is overdue, a tenth has a
 * running owner, and Temporal does not know the owners of the rest. Prints what a scan decides, and how long it takes. Exits with 1 if a
 * decision is wrong or a scan takes more than a minute.
 */
import { parseArgs } from 'node:util';
import { type Cloud, createCloud, formatInstanceName, ownerIdOf, type Vendor } from '@gpu-clouds/clouds';
import { type Clock, systemClock } from '@gpu-clouds/core';
import { startDevServer } from '@gpu-clouds/dev';
import { ownersInTemporal, reap, taskQueues } from '@gpu-clouds/jobs';
import { createSimulators } from '@gpu-clouds/simulators';
import { Client, Connection } from '@temporalio/client';

const vendors = ['massed-compute', 'gpu-ai'] as const;
const fleet = 'scale';
const hourMs = 3_600_000;
const mostSeconds = 60;

const { values } = parseArgs({ options: { others: { type: 'string' }, ours: { type: 'string' } } });
const begin = Date.now();
const [others, ours] = [Number(values.others ?? 9000), Number(values.ours ?? 1000)];

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA scale';
/** Enough of one product of each vendor. */
const endless = {
  'massed-compute': { gpu_1x_a6000: { available: 1_000_000 } },
  'gpu-ai': { rtx_a6000: { available: 1_000_000 } },
};
/** How long a client waits for an answer by default. */
const timeoutMs = 30_000;
/** While the account is filled, the time of clients and simulators skips every wait for a rate limit. */
let isFilling = true;
let skippedMs = 0;
const clock: Clock = {
  now: () => Date.now() + skippedMs,
  random: () => 0,
  after(milliseconds, callback) {
    if (!isFilling) return systemClock.after(milliseconds, callback);
    if (milliseconds === timeoutMs) return () => undefined;
    skippedMs += milliseconds;
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

/** The state of the n-th instance of ours. */
const kindOf = (index: number) => (['overdue', 'owned'] as const)[index % 10] ?? 'unknown';

function nameOf(index: number): string {
  const deadline = kindOf(index) === 'overdue' ? begin - hourMs : begin + 1000 * hourMs;
  return formatInstanceName({ fleet, run: `run${index}`, ordinal: 0, deadline });
}

const server = await startDevServer();
const client = new Client({ connection: await Connection.connect({ address: server.address }) });
const indexes = Array.from({ length: ours }, (_, index) => index);
const owners = indexes.filter((index) => kindOf(index) === 'owned');
// No worker serves them: they stay as they are.
for (const index of owners) {
  await client.workflow.start('instance', {
    workflowId: ownerIdOf(nameOf(index)),
    taskQueue: taskQueues.workflows,
  });
}
for (const vendor of vendors) await measure(vendor);
await client.connection.close();
await server.close();

async function measure(vendor: Vendor): Promise<void> {
  const simulators = createSimulators({ ssh: false, bootSeconds: 0, catalog: endless, clock });
  const { env, fetch } = simulators[vendor];
  const cloud = createCloud(vendor, { env, fetch, clock });
  isFilling = true;
  await fill(cloud);
  isFilling = false;
  // After the fill, the account has its whole rate limit again.
  skippedMs += 60_000;
  const start = performance.now();
  const findOwners = ownersInTemporal(client);
  const report = await reap({ clouds: [cloud], fleet, now: clock.now(), findOwners, dryRun: true });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { waiting, alarms, wanted, failures } = report;
  console.log(
    `${vendor}: ${others + ours} instances, ${ours} of the fleet: ${waiting.length} overdue, ${wanted.length} owned, ` +
      `${alarms.length} alarms, ${failures.length} failures in ${seconds} s`,
  );
  await simulators.close();
  const decisions = [waiting, wanted, alarms].map(({ length }) => length);
  const expected = (['overdue', 'owned', 'unknown'] as const).map(
    (kind) => indexes.filter((index) => kindOf(index) === kind).length,
  );
  const isRight = decisions.every((count, at) => count === expected[at]) && failures.length === 0;
  if (!isRight || Number(seconds) > mostSeconds) process.exitCode = 1;
}

async function fill(cloud: Cloud): Promise<void> {
  const offer = (await cloud.listOffers()).find(
    ({ gpu, gpuCount, spot }) => gpu === 'RTX A6000' && gpuCount === 1 && !spot,
  );
  if (offer === undefined) throw new Error(`${cloud.vendor} has no RTX A6000.`);
  const key = await cloud.keys?.create({ name: 'scale', publicKey });
  const names = [
    ...Array.from({ length: others }, (_, index) => `training-${index}`),
    ...Array.from({ length: ours }, (_, index) => nameOf(index)),
  ];
  for (const name of names) await cloud.createInstance({ offer, name, publicKey, key });
}
