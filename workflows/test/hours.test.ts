import { formatInstanceName, formatOwnerId, ownerIdOf } from '@gpu-clouds/clouds/pure';
import { jobHandle, leaseInstance, setBudget, startJob, taskQueues } from '@gpu-clouds/jobs';
import { budgetWorkflowId, workflowNames } from '@gpu-clouds/jobs/contract';
import { offerOf, until } from '@gpu-clouds/jobs/test';
import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { job } from './harness.ts';
import { hours, later, type PlayedActivities, playActivities, startTimeSkipping } from './time-skipping.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const never = async () => {
  throw later();
};

let env: TestWorkflowEnvironment;
let rest: () => Promise<void>;
/** What was asked of the instance, in the order in which it was, with the seconds since the start. */
let said: { readonly what: string; readonly at: number }[];
let begin: number;
/** The step that ends only of being killed. */
let endless: 'setup' | 'command';
/** Seconds from the start before which the cloud destroys nothing. */
let goneAfter: number;
let offers: ReturnType<typeof offerOf>[];
/** The instance whose address is somebody else's by the time of its command. */
let displaced: string | undefined;
/** Seconds from the start before which no cloud has an offer. */
let offersFrom: number;
/** Whether instances become ready. */
let boots: boolean;
/** Whether a create gets an answer. */
let isAnswered: boolean;
/** What a teardown finds. */
let found: string | undefined;

const noCapacity = (details: object) => ApplicationFailure.nonRetryable('Sold out.', 'no-capacity', details);

const elapsed = async () => ((await env.currentTimeMs()) - begin) / 1000;
const say = async (what: string) => {
  said.push({ what, at: await elapsed() });
};
const saidAt = (what: string) => said.find((one) => one.what === what)?.at ?? Number.NaN;

const activities = {
  prepareJob: async () => ({ vendors: ['verda'] as const }),
  outputSize: async () => 0,
  findOffers: async ({ wait = false }) => {
    if ((await elapsed()) >= offersFrom) return offers;
    if (wait) throw later();
    return [];
  },
  findJobOffers: async () => offers,
  createInstance: async () => {
    if (!isAnswered) throw noCapacity({ mayHaveTakenEffect: true });
    return { instanceId: 'i-1' };
  },
  awaitRunning: async () => {
    if (!boots) throw ApplicationFailure.nonRetryable('It failed to boot.', 'instance-failed');
    return { ssh: { host: '127.0.0.1', port: 22, user: 'root' }, volumeIds: [] };
  },
  awaitSsh: async () => ({ hostKey: 'SHA256:x', hostPublicKey: 'ssh-ed25519 AAAA' }),
  watchInstance: never,
  destroyInstance: async () => {
    await say('destroy');
    if ((await elapsed()) < goneAfter) throw later();
    return found;
  },
  createJobDeployment: async () => {
    throw noCapacity({ mayHaveTakenEffect: !isAnswered });
  },
  destroyJobDeployment: async () => {
    await say('destroy');
    if ((await elapsed()) < goneAfter) throw later();
    return found;
  },
  runStep: async ({ step, instance }) => {
    if (ownerIdOf(instance.instanceName) === displaced) {
      throw ApplicationFailure.nonRetryable('It shows another host key.', 'wrong-host-key');
    }
    if (step !== endless) return { exitCode: 0, bytes: 0 };
    if (said.some(({ what }) => what === 'KILL')) return { exitCode: 137, bytes: 0 };
    throw later();
  },
  sendSignal: ({ signal }) => say(signal),
} satisfies PlayedActivities;

// A server of its own for each: one whose time stands still stops no other test. What a workflow is asked it may never answer: results and
// histories tell all of it, and lease.test.ts asks on another server.
beforeEach(async () => {
  env = await startTimeSkipping();
  // This server lists none, which registering them would begin with.
  await env.connection.operatorService.addSearchAttributes({
    searchAttributes: {
      GpuCloudsVendor: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
      GpuCloudsTeardownStuck: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
      GpuCloudsAccountSuspect: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
    },
  });
  said = [];
  begin = await env.currentTimeMs();
  endless = 'command';
  goneAfter = 0;
  offers = [offerOf('verda', 'a')];
  displaced = undefined;
  offersFrom = 0;
  boots = true;
  isAnswered = true;
  found = undefined;
  rest = await playActivities(env, activities);
});
afterEach(async () => {
  await rest();
  await env.teardown();
});

it('a job without maxDuration is ended after a day', async () => {
  const run = await startJob(env.client, job('name: endless\ncommand: sleep infinity\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(24, 0);
});

const container = '{ image: me/job:1, port: 80, path: /job }';
it.each([
  ['an instance that a teardown finds counts until it is gone', 'command: "true"', 'i-1', 1],
  ['an instance that no teardown finds costs nothing', 'command: "true"', undefined, 0],
  ['a job deployment that a teardown finds counts', `mode: job-deployment\ncontainer: ${container}`, 'gpuc-one', 1],
])('of creates without an answer, %s', async (_, more, id, dollars) => {
  [isAnswered, found, goneAfter] = [false, id, hours(1)];
  const run = await startJob(env.client, job(`name: unanswered\n${more}\n`));
  const failed = await run.result().catch((error: unknown) => error);
  expect(failed).toMatchObject({ kind: 'no-offer', bill: { dollars: expect.closeTo(dollars, 0) } });
});

it('a job is ended when maxCost is spent', async () => {
  const run = await startJob(env.client, job('name: spender\ncommand: sleep infinity\nlimits: { maxCost: 5 }\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  // At a dollar an hour.
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(5, 0);
});

it('a command that ignores a stop is killed after maxStop hours', async () => {
  const run = await startJob(env.client, job('name: slow\ncommand: sleep infinity\nlimits: { maxStop: 3h }\n'));
  await env.sleep('1h');
  await jobHandle(env.client, run.id).stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 137 });
  expect(saidAt('TERM') / hours(1)).toBeCloseTo(1, 0);
  expect((saidAt('KILL') - saidAt('TERM')) / hours(1)).toBeCloseTo(3, 0);
});

it('a setup is ended after maxSetup, and the job fails', async () => {
  endless = 'setup';
  const run = await startJob(
    env.client,
    job('name: slow\nsetup: sleep infinity\ncommand: "true"\nlimits: { maxSetup: 2h }\n'),
  );
  await expect(run.result()).rejects.toMatchObject({ kind: 'setup-failed' });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(2, 0);
});

it('a command is asked to end after maxCommand, and the job fails', async () => {
  const limits = 'limits: { maxCommand: 2h, maxStop: 1h }';
  const run = await startJob(env.client, job(`name: slow\ncommand: sleep infinity\n${limits}\n`));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'command-timeout',
    message: 'The command took longer than limits.maxCommand, 2h, and was asked to end.',
  });
  expect([saidAt('TERM') / hours(1), saidAt('KILL') / hours(1)].map(Math.round)).toEqual([2, 3]);
});

it('the nodes of a job share its maxCost', async () => {
  const run = await startJob(
    env.client,
    job('name: shared\nresources: { nodes: 4 }\ncommand: sleep infinity\nlimits: { maxCost: 8 }\n'),
  );
  // Four instances at a dollar an hour each.
  const bill = { dollars: expect.closeTo(8, 0) };
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached', bill });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(2, 0);
  expect(said.filter(({ what }) => what === 'destroy').length).toBe(4);
});

it('an instance whose address shows another host key is replaced', async () => {
  endless = 'setup';
  offers = [offerOf('verda', 'a'), offerOf('verda', 'b')];
  displaced = 'gpuc-default-displaced-0';
  const run = await startJob(env.client, job('name: moved\ncommand: "true"\n'), { id: 'displaced' });
  const { outcome, failures } = await run.result();
  expect([outcome, failures.map(({ kind }) => kind)]).toEqual(['succeeded', ['wrong-host-key']]);
});

it('a lease ends at its TTL, and its memo says when that is', async () => {
  const lease = await leaseInstance(env.client, { offer: offerOf('verda', 'a'), ttl: '3h' });
  expect(await lease.ended()).toEqual({ why: 'cap-reached' });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(3, 1);
  const { memo, startTime } = await env.client.workflow.getHandle(lease.id).describe();
  expect((Date.parse(String(memo?.mustEndBy)) - startTime.getTime()) / 60_000).toBeCloseTo(3 * 60, 0);
});

it('an instance ends at the deadline in its name, even if its time to live is longer', async () => {
  const owner = { fleet: 'default', run: 'dated', ordinal: 0 };
  const instanceName = formatInstanceName({ ...owner, deadline: begin + hours(1) * 1000 });
  const request = { instanceName, run: 'dated', offer: offerOf('verda', 'a'), ttlSeconds: hours(5) };
  const options = { workflowId: formatOwnerId(owner), taskQueue: taskQueues.workflows, args: [request] };
  expect(await env.client.workflow.execute('instance', options)).toEqual({ why: 'cap-reached' });
  expect(saidAt('destroy') / hours(1)).toBeCloseTo(1, 1);
});

it('a teardown is marked as stuck after ten minutes until the instance is gone', async () => {
  goneAfter = hours(1) + 1800;
  const lease = await leaseInstance(env.client, { offer: offerOf('verda', 'a'), ttl: '1h', searchable: true });
  expect(await lease.ended()).toEqual({ why: 'cap-reached' });
  const said = await toldOfTeardown(lease.id);
  expect(said.map(({ value }) => value)).toEqual(['true', 'null']);
  expect((said[0]?.at ?? 0) / 60).toBeCloseTo(70, 0);
});

it('the teardown of a job deployment is marked as stuck after ten minutes, and never gives up', async () => {
  goneAfter = hours(30);
  const instanceName = 'gpuc-default-slow-0';
  const container = { image: 'me/job:1', port: 80, health: '/health', path: '/job' };
  const deployment = { container, env: {}, secrets: [] };
  const request = { instanceName, run: 'slow', offer: offerOf('verda', 'a'), deployment };
  const end = await env.client.workflow.execute(workflowNames.instance, {
    workflowId: instanceName,
    taskQueue: taskQueues.workflows,
    args: [{ ...request, ttlSeconds: hours(1), searchable: true }],
  });
  expect(end).toMatchObject({ why: 'failed', kind: 'no-capacity' });
  const said = await toldOfTeardown(instanceName);
  expect(said.map(({ value }) => value)).toEqual(['true', 'null']);
  expect(said.map(({ at }) => at / hours(1))).toEqual([expect.closeTo(1 / 6, 1), expect.closeTo(30, 0)]);
});

it('an instance is destroyed before the budget is used up, if a renewal of its reservation is refused', async () => {
  // The test must not cross the end of a budget day. The server skips time, but the deadline in the instance name comes from this machine's clock:
  // skip only when little of the day is left.
  const leftOfDay = 86_400_000 - (begin % 86_400_000);
  if (leftOfDay < hours(4) * 1000) await env.sleep(leftOfDay);
  const rentedAt = await elapsed();
  await setBudget(env.client, { dollars: 2.5, per: 'day' });
  const offer = { ...offerOf('verda', 'a'), pricePerHour: 1 };
  const lease = await leaseInstance(env.client, { offer, ttl: '20h' });
  // One hour, and one hour more after 50 minutes. The third is not to be had.
  expect(await lease.ended()).toMatchObject({ why: 'failed', kind: 'over-budget' });
  expect((saidAt('destroy') - rentedAt) / hours(1)).toBeCloseTo(1 + 2 / 3, 1);
});

it('an instance is destroyed once its reservation is spent, if the ledger of the budget decides nothing', async () => {
  const leftOfDay = 86_400_000 - ((await env.currentTimeMs()) % 86_400_000);
  if (leftOfDay < hours(4) * 1000) await env.sleep(leftOfDay);
  const rentedAt = await elapsed();
  await setBudget(env.client, { dollars: 10, per: 'day' });
  const lease = await leaseInstance(env.client, { offer: { ...offerOf('verda', 'a'), pricePerHour: 1 }, ttl: '20h' });
  await until(async () => (await lease.facts()).state === 'ready', 'the instance');
  const workflowId = budgetWorkflowId('default');
  await env.client.workflow.getHandle(workflowId).terminate();
  // It takes the ledger's signals without a word: it asks itself for money, and waits.
  const request = { instanceName: formatOwnerId({ fleet: 'default', run: 'silent', ordinal: 0 }), run: 'silent' };
  await env.client.workflow.start(workflowNames.instance, {
    workflowId,
    taskQueue: taskQueues.workflows,
    args: [{ ...request, offer: offerOf('verda', 'a'), ttlSeconds: hours(20) }],
  });
  expect(await lease.ended()).toMatchObject({ why: 'failed', kind: 'over-budget' });
  expect((saidAt('destroy') - rentedAt) / hours(1)).toBeCloseTo(1 + 5 / 60, 1);
  await env.client.workflow.getHandle(workflowId).terminate();
});

it('a run waits for an offer for most of a day with a few events', async () => {
  offersFrom = hours(20);
  endless = 'setup';
  const run = await startJob(env.client, job('name: patient\ncommand: "true"\nretry: { onNoOffer: 1d }\n'));
  expect(await run.result()).toMatchObject({ outcome: 'succeeded' });
  const { events } = await env.client.workflow.getHandle(run.id).fetchHistory();
  const at = (events ?? []).map(({ eventTime }) => (Number(eventTime?.seconds) - begin / 1000) / hours(1));
  expect(at.filter((when) => when > 0.1 && when < 19.9)).toEqual([]);
  expect(at.filter((when) => when <= 0.1).length).toBeLessThanOrEqual(30);
});

it('a run that waits for an offer ends with what is missing once its time is over', async () => {
  offersFrom = Number.POSITIVE_INFINITY;
  const run = await startJob(env.client, job('name: patient\ncommand: "true"\nretry: { onNoOffer: 3h }\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'no-offer' });
  const { closeTime } = await env.client.workflow.getHandle(run.id).describe();
  expect((Number(closeTime) - begin) / 1000 / hours(1)).toBeCloseTo(3, 0);
});

it('instances that fail before the command prolong no wait for an offer, and few are rented after each pause', async () => {
  boots = false;
  offers = Array.from({ length: 12 }, (_, index) => offerOf('verda', `offer-${index}`));
  const run = await startJob(env.client, job('name: hopeless\ncommand: "true"\nretry: { onNoOffer: 2h }\n'));
  await expect(run.result()).rejects.toMatchObject({ kind: 'no-offer', message: expect.stringContaining('to boot') });
  expect((await elapsed()) / hours(1)).toBeCloseTo(2, 0);
  const destroyed = said.filter(({ what }) => what === 'destroy');
  expect(destroyed.filter(({ at }) => at < 30)).toHaveLength(12);
  // Pauses of about 1, 2, 4, 8, 16, 32, and 60 minutes.
  expect(destroyed.length).toBeLessThanOrEqual(12 + 8 * 5);
});

/** What Temporal's search was told of a stuck teardown, with the seconds since the start. */
async function toldOfTeardown(workflowId: string): Promise<readonly { readonly value: string; readonly at: number }[]> {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ eventTime, upsertWorkflowSearchAttributesEventAttributes: upsert }) => {
    const { data } = upsert?.searchAttributes?.indexedFields?.GpuCloudsTeardownStuck ?? {};
    return data ? [{ value: Buffer.from(data).toString(), at: Number(eventTime?.seconds) - begin / 1000 }] : [];
  });
}
