import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccountWatch } from '../src/account-watch.ts';
import type { Cloud, InstanceOrder, Offer, Vendor } from '../src/cloud.ts';
import { CloudError } from '../src/cloud-error.ts';
import { findByName } from '../src/find-by-name.ts';
import { gpuMatches, knownGpus } from '../src/gpu-names.ts';
import { formatInstanceName } from '../src/instance-name.ts';
import { InstancePoller } from '../src/instance-poller.ts';
import { parseGpu } from '../src/parse-gpu.ts';
import { rankOffers } from '../src/rank-offers.ts';
import { Teardown } from '../src/teardown.ts';

/** A cloud whose vendor does as it is told, and an account with nothing in it. */
export interface Subject {
  readonly cloud: Cloud;
  /** The same cloud with credentials that the vendor does not accept. */
  readonly stranger: Cloud;
  /** Environment variables that the credentials come from. */
  readonly variables: readonly string[];
  /** Lets instances boot, and what is being deleted go. */
  pass(): Promise<void>;
  /** Everything in the account, by the vendor's books and not by its API. */
  left(): Readonly<Record<'instances' | 'keys' | 'volumes' | 'jobDeployments', number>>;
  /** How many instances the vendor ever made under the instance name. */
  made(name: string): number;
  /** What the vendor made the instance of, by its books. */
  hardware(name: string): Pick<Offer, 'region' | 'gpuCount' | 'gpuMemory' | 'vcpus' | 'memory'> | undefined;
  /** Makes the next create find no instance. */
  sellOut(): Promise<void>;
  /** Lets the next create take effect and loses its answer, however often the client asks. */
  loseCreateAnswers(): Promise<void>;
  /** Loses the answer to the next creation of a key in the same way. */
  loseKeyAnswers(): Promise<void>;
  /** Lets the next order be accepted and then fail instead of booting. */
  failAfterAccepting(): Promise<void>;
  /** Lets the vendor take the next instance away soon after it came up. */
  takeBack(): Promise<void>;
  /** Keeps the next instance out of lists for a while that `pass` ends. */
  delayListing(): Promise<void>;
  /** Answers with another, empty account from now on, or with the original one again. */
  switchAccount(other: boolean): void;
  close(): Promise<void>;
}

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDBdptDTzJ2cOmdyryG1B7yb1YssiCQs6SWu4HlbZXGE contract';
const nothing = { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 };
const unknownId = '00000000-0000-4000-8000-000000000000';

/** What every cloud has to keep. A new vendor is done when this passes. */
export function cloudContract(vendor: Vendor, setUp: () => Promise<Subject>): void {
  describe(`${vendor} as a cloud`, () => {
    let subject: Subject;
    let cloud: Cloud;
    const deadline = Date.now() + 3_600_000;
    const name = formatInstanceName({ fleet: 'contract', run: 'r1', ordinal: 0, deadline });
    const neighborName = formatInstanceName({ fleet: 'contract', run: 'r1', ordinal: 1, deadline });

    beforeEach(async () => {
      subject = await setUp();
      cloud = subject.cloud;
    });
    afterEach(() => subject.close());

    async function order(given: Partial<InstanceOrder> = {}): Promise<InstanceOrder> {
      const [offer] = rankOffers(await cloud.listOffers(), { gpuCount: 1, spot: 'never' });
      if (offer === undefined) throw new Error('The cloud has no offer.');
      const key = await cloud.keys?.create({ name, publicKey });
      return { offer, name, publicKey, key, ...given };
    }

    async function failureOf(call: Promise<unknown>): Promise<CloudError> {
      const error = await call.then(
        (value) => new Error(`It succeeded with ${JSON.stringify(value)}.`),
        (caught: unknown) => caught,
      );
      if (!CloudError.isInstance(error)) throw error;
      return error;
    }

    /** Polls until nothing is left, as a workflow does. */
    async function destroy(): Promise<void> {
      const options = { consistencyWindowMs: 0, pollIntervalMs: 0, mayAppearForMs: 0 };
      const teardown = new Teardown(cloud, { name }, options);
      for (let round = 0; round < 10; round++) {
        if (await teardown.sweep()) return;
        await subject.pass();
      }
      throw new Error(`Not gone after ten rounds: ${JSON.stringify(await findByName(cloud, name))}`);
    }

    it('makes offers that say what they are, by names and in units that all clouds share', async () => {
      const offers = await cloud.listOffers();
      expect(offers.length).toBeGreaterThan(0);
      expect(new Set(offers.map(({ id }) => id)).size).toBe(offers.length);
      for (const offer of offers) expect(problemsOf(offer, vendor)).toEqual([]);
      expect(JSON.parse(JSON.stringify(offers))).toEqual(offers);
    });

    it('gives the same offers the same ids', async () => {
      const ids = (offers: readonly Offer[]) => offers.map(({ id }) => id).sort();
      expect(ids(await cloud.listOffers())).toEqual(ids(await cloud.listOffers()));
    });

    it('rents an instance, shows it by id and in the list, says where SSH answers, and leaves nothing behind', async () => {
      const wanted = await order();
      const { id } = await cloud.createInstance(wanted);
      expect(id).not.toBe('');
      expect(await cloud.getInstance(id)).toMatchObject({ vendor, id, name });
      expect((await findByName(cloud, name)).instances).toMatchObject([{ id, name }]);

      await subject.pass();
      const running = await cloud.getInstance(id);
      expect(running).toMatchObject({ status: 'running', name });
      expect(running?.ssh).toEqual({ host: expect.any(String), port: expect.any(Number), user: expect.any(String) });
      expect(running?.ssh?.host).not.toBe('');
      expect(Date.parse(running?.createdAt ?? '')).not.toBeNaN();
      expect(running?.pricePerHour).toBeGreaterThan(0);
      expect(running?.pricePerHour).toBeLessThanOrEqual(wanted.offer.pricePerHour * 1.01);
      expect(await cloud.listInstances()).toEqual([running]);
      const { region, gpuCount, gpuMemory, vcpus, memory } = wanted.offer;
      const hardware = subject.hardware(name);
      expect(hardware).toMatchObject({ region, gpuCount, vcpus, memory });
      // Where a name stands for GPUs of several sizes, the offer has the smallest.
      expect(hardware?.gpuMemory).toBeGreaterThanOrEqual(gpuMemory);

      await destroy();
      expect((await cloud.getInstance(id))?.status ?? 'gone').toBe('gone');
      expect(await cloud.listInstances()).toEqual([]);
      expect(subject.left()).toEqual(nothing);
    });

    it('can give up an instance that is not up yet', async () => {
      await cloud.createInstance(await order());
      await destroy();
      expect(subject.left()).toEqual(nothing);
    });

    it('deletes with the instance alone whatever came with it', async () => {
      const { id } = await cloud.createInstance(await order());
      await subject.pass();
      await cloud.deleteInstance(id);
      await subject.pass();
      expect(subject.left()).toEqual({ ...nothing, keys: cloud.keys === undefined ? 0 : 1 });
    });

    it('accepts the first delete of an instance, and does not fail at a second one', async () => {
      const { id } = await cloud.createInstance(await order());
      await subject.pass();
      expect(await cloud.deleteInstance(id)).toMatchObject({ accepted: true });
      await cloud.deleteInstance(id);
      await subject.pass();
      await cloud.deleteInstance(id);
    });

    it('never takes the delete of an unknown id for an accepted one', async () => {
      expect(await cloud.deleteInstance(unknownId)).toMatchObject({ accepted: false });
      if (cloud.volumes) expect(await cloud.volumes.delete(unknownId)).toEqual({ accepted: false });
      await cloud.keys?.delete(unknownId);
      expect(await cloud.getInstance(unknownId)).toBeUndefined();
    });

    it('says that it is sold out, and has made nothing then', async () => {
      const wanted = await order();
      await subject.sellOut();
      const error = await failureOf(cloud.createInstance(wanted));
      expect(error).toMatchObject({ kind: 'no-capacity', vendor, mayHaveTakenEffect: false });
      expect(subject.made(name)).toBe(0);
    });

    it('never makes a second instance out of a lost answer, and finds the first by its instance name', async () => {
      const wanted = await order();
      await subject.loseCreateAnswers();
      const error = await failureOf(cloud.createInstance(wanted));
      expect(error).toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: true });
      expect((await findByName(cloud, name)).instances).toMatchObject([{ name }]);
      expect(subject.made(name)).toBe(1);
      await destroy();
      expect(subject.left()).toEqual(nothing);
    });

    it('leaves nothing of an instance that was accepted and then failed', async () => {
      const wanted = await order();
      await subject.failAfterAccepting();
      await cloud.createInstance(wanted);
      await subject.pass();
      await destroy();
      expect(subject.left()).toEqual(nothing);
    });

    it('leaves nothing of an instance that the vendor took away', async () => {
      const wanted = await order();
      await subject.takeBack();
      const { id } = await cloud.createInstance(wanted);
      await subject.pass();
      await subject.pass();
      expect((await cloud.getInstance(id))?.status ?? 'gone').toBe('gone');
      expect(await cloud.listInstances()).toEqual([]);
      await destroy();
      expect(subject.left()).toEqual(nothing);
    });

    it('teardown continues for half an hour on the lists of another account and reports that the account is suspect', async () => {
      const wanted = await order();
      const { id } = await cloud.createInstance(wanted);
      const neighbor = await cloud.createInstance({ ...wanted, name: neighborName });
      await subject.pass();
      let now = 0;
      const account = new AccountWatch();
      const clock = { now: () => now };
      const options = { account, clock, consistencyWindowMs: 90_000, pollIntervalMs: 3_000 };
      const poller = new InstancePoller(cloud, { account });
      await poller.wait((instances) => instances.length === 2 || undefined);

      subject.switchAccount(true);
      const teardown = new Teardown(cloud, { name, instanceIds: [id] }, options);
      for (; now <= 1_500_000; now += 300_000) expect(await teardown.sweep()).toBe(false);
      expect(teardown.accountSuspect).toBe(true);
      expect(teardown.acknowledged).not.toContain(id);

      subject.switchAccount(false);
      for (let round = 0; round < 10 && !(await teardown.sweep()); round++) {
        now += 600_000;
        await subject.pass();
      }
      expect(teardown.accountSuspect).toBe(false);
      expect((await cloud.listInstances()).map((instance) => instance.id)).toEqual([neighbor.id]);
    });

    it('finds an instance that was not in the list at first', async () => {
      const wanted = await order();
      await subject.delayListing();
      const { id } = await cloud.createInstance(wanted);
      expect((await findByName(cloud, name)).instances).toEqual([]);
      await subject.pass();
      expect((await findByName(cloud, name)).instances).toMatchObject([{ id }]);
    });

    it('refuses wrong credentials with the names of the variables', async () => {
      const error = await failureOf(subject.stranger.listInstances());
      expect(error).toMatchObject({ kind: 'unauthorized', vendor, mayHaveTakenEffect: false });
      for (const variable of subject.variables) expect(error.message).toContain(variable);
    });

    it('takes an order that makes no sense for invalid, and has made nothing then', async () => {
      const error = await failureOf(cloud.createInstance(await order({ image: 'no-such-image' })));
      expect(error).toMatchObject({ kind: 'invalid', vendor, mayHaveTakenEffect: false });
      expect(subject.made(name)).toBe(0);
    });

    it('keeps keys under their instance name until they are deleted, if it keeps keys', async () => {
      if (cloud.keys === undefined) return expect(await cloud.createInstance(await order())).toBeDefined();
      const key = await cloud.keys.create({ name, publicKey });
      expect(key).toEqual({ id: expect.any(String), name });
      expect(await cloud.keys.list()).toEqual([key]);
      await cloud.keys.delete(key.id);
      expect(await cloud.keys.list()).toEqual([]);
      expect(subject.left()).toEqual(nothing);
    });

    it('finds a key by its instance name when the answer to its creation was lost, if it keeps keys', async () => {
      if (cloud.keys === undefined) return expect(subject.left().keys).toBe(0);
      await subject.loseKeyAnswers();
      const error = await failureOf(cloud.keys.create({ name, publicKey }));
      expect(error).toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: true });
      expect((await findByName(cloud, name)).keys).toMatchObject([{ name }]);
      await destroy();
      expect(subject.left()).toEqual(nothing);
    });

    it('findByName returns the job deployment with exactly that name, if the cloud runs job deployments', async () => {
      const { jobs } = cloud;
      if (jobs === undefined) return expect((await findByName(cloud, name)).jobDeployments).toEqual([]);
      const [offer] = await jobs.listOffers();
      if (offer === undefined) throw new Error('The cloud has no offer for jobs.');
      const deployment = { offer, image: 'me/job:1', port: 8000, health: '/health', env: {}, deadlineSeconds: 600 };
      for (const own of [name, neighborName]) await jobs.create({ ...deployment, name: own });
      expect(await jobs.list()).toHaveLength(2);
      expect((await findByName(cloud, name)).jobDeployments).toEqual([name]);
      await destroy();
      expect(await jobs.list()).toEqual([neighborName]);
    });

    it('lets no password and no token out', async () => {
      const { id } = await cloud.createInstance(await order());
      await subject.pass();
      const all = [await cloud.getInstance(id), await cloud.listInstances(), await findByName(cloud, name)];
      expect(JSON.stringify(all)).not.toMatch(/passw|secret|token/i);
    });

    it('stops when it is told to, before it has sent anything', async () => {
      const wanted = await order();
      const error = await failureOf(cloud.createInstance(wanted, { signal: AbortSignal.abort() }));
      expect(error).toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: false });
      expect(subject.made(name)).toBe(0);
    });
  });
}

/** What is wrong with an offer; nothing, hopefully. */
function problemsOf(offer: Offer, vendor: Vendor): readonly string[] {
  const { gpu, gpuCount, gpuMemory, pricePerHour, region, storage = 1, vcpus = 1, memory = 1, available = 1 } = offer;
  const wrong: Readonly<Record<string, boolean>> = {
    vendor: offer.vendor !== vendor,
    id: offer.id === '',
    gpu: !knownGpus.includes(gpu) || !gpuMatches(offer, parseGpu(`${gpu}:${gpuCount}`)),
    gpuCount: !Number.isInteger(gpuCount) || gpuCount < 1 || gpuCount > 16,
    gpuMemory: gpuMemory < 4 || gpuMemory > 300,
    // A GPU for less than a cent, or more than the price of a small car a month, is a unit gone wrong.
    pricePerHour: !(pricePerHour / gpuCount >= 0.01 && pricePerHour / gpuCount <= 30),
    region: region === '',
    storage: !(storage > 0),
    vcpus: !(vcpus > 0),
    memory: !(memory > 0),
    available: !(available > 0),
  };
  return Object.keys(wrong)
    .filter((name) => wrong[name])
    .map((name) => `${name} of ${JSON.stringify(offer)}`);
}
