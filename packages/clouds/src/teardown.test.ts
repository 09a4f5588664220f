import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { fakeCloud, instanceNamed } from '../test/fake-cloud.ts';
import { AccountWatch } from './account-watch.ts';
import type { Cloud, Instance, SshKey, Volume } from './cloud.ts';
import { CloudError, type CloudErrorKind } from './cloud-error.ts';
import { destroyUntilGone, Teardown, type TeardownOptions, type TeardownTarget } from './teardown.ts';

const name = 'gpuc-a-r-0';
const refused = () => Promise.reject(error('invalid'));

function error(kind: CloudErrorKind): CloudError {
  return new CloudError(kind, { kind, vendor: 'verda', operation: 'deleteInstance', mayHaveTakenEffect: false });
}

/** An account whose things are gone as soon as their deletion is accepted. Lists and reads can be wrong for a while. */
class Account {
  readonly clock = new FakeClock();
  readonly instances = new Map<string, Instance>();
  readonly volumes = new Map<string, Volume>();
  readonly keys = new Map<string, SshKey>();
  readonly jobDeployments = new Set<string>();
  readonly deletes: string[] = [];
  /** Until then every list is empty and no id is known. */
  wrongUntil = 0;
  /** The vendor has asked for a pause, so that lists are not sent. */
  pausesLists = false;
  /** Answers a read of a deleted instance with `gone` instead of nothing. */
  confirms = false;
  refuse: (id: string) => void = () => {};
  readonly #gone = new Map<string, Instance>();

  get cloud(): Cloud {
    const wrong = () => this.clock.now() < this.wrongUntil;
    const listed = <T>(things: Map<string, T>) => (wrong() ? [] : [...things.values()]);
    const remove = async (id: string, things: { has(id: string): boolean; delete(id: string): boolean }) => {
      this.deletes.push(id);
      this.refuse(id);
      if (wrong()) return { accepted: false };
      const instance = this.instances.get(id);
      if (things === this.instances && instance && this.confirms) this.#gone.set(id, { ...instance, status: 'gone' });
      return { accepted: things.delete(id) };
    };
    return fakeCloud({
      listInstances: async (options) => {
        if (this.pausesLists && options?.priority !== 'high') throw error('rate-limited');
        return listed(this.instances);
      },
      getInstance: async (id) => (wrong() ? undefined : (this.instances.get(id) ?? this.#gone.get(id))),
      deleteInstance: (id) => remove(id, this.instances),
      keys: { list: async () => listed(this.keys), create: refused, delete: (id) => remove(id, this.keys) },
      volumes: { list: async () => listed(this.volumes), delete: (id) => remove(id, this.volumes) },
      jobs: {
        listOffers: refused,
        create: refused,
        submit: refused,
        poll: refused,
        result: refused,
        get: async () => undefined,
        list: async () => (wrong() ? [] : [...this.jobDeployments]),
        delete: (name) => remove(name, this.jobDeployments),
      },
    });
  }

  rent(id: string, called = name): void {
    this.instances.set(id, instanceNamed(called, { id }));
  }

  get left(): number {
    return this.instances.size + this.volumes.size + this.keys.size + this.jobDeployments.size;
  }

  /** Destroys what the target names while time passes. @returns the seconds that took */
  async destroy(target: Partial<TeardownTarget>, options: TeardownOptions = {}, forMs = 4_000_000): Promise<number> {
    const began = this.clock.now();
    let seconds: number | undefined;
    const destroyed = destroyUntilGone(this.cloud, { name, ...target }, { ...options, clock: this.clock });
    const settled = destroyed.then(() => {
      seconds = (this.clock.now() - began) / 1000;
    });
    settled.catch(() => undefined);
    for (let passed = 0; passed < forMs && seconds === undefined; passed += 500) await this.clock.pass(500);
    if (seconds === undefined) await Promise.race([settled, Promise.reject(new Error('It never ended.'))]);
    return seconds ?? Number.NaN;
  }
}

let account: Account;
beforeEach(() => {
  account = new Account();
});

describe('destroyUntilGone', () => {
  it('destroys everything that carries the name, and nothing else', async () => {
    account.rent('i1');
    account.rent('i2', 'gpuc-ab-r-0');
    account.rent('i3', 'gpuc-a-r-01');
    account.keys.set('k1', { id: 'k1', name });
    account.keys.set('k2', { id: 'k2', name: `${name}-copy` });
    account.volumes.set('v1', { id: 'v1', name, instanceIds: [] });
    account.volumes.set('v2', { id: 'v2', name: '', instanceIds: [] });
    account.jobDeployments.add(name).add('gpuc-a-r-01');
    await account.destroy({ instanceIds: ['i1'] });
    expect([...account.instances.keys(), ...account.keys.keys(), ...account.volumes.keys()]).toEqual([
      'i2',
      'i3',
      'k2',
      'v2',
    ]);
    expect([...account.jobDeployments]).toEqual(['gpuc-a-r-01']);
  });

  it('ends within seconds once a delete was accepted and two polls do not show the instance', async () => {
    account.rent('i1');
    expect(await account.destroy({ instanceIds: ['i1'] })).toBeLessThan(10);
    expect(account.deletes).toEqual(['i1']);
  });

  it('destroys an instance that was listed without an ID as soon as it is listed with one', async () => {
    account.instances.set('', instanceNamed(name, { id: '' }));
    const teardown = new Teardown(account.cloud, { name }, { mayAppearForMs: 0, clock: account.clock });
    const message = 'lists one of the instances named gpuc-a-r-0 without an ID, so it cannot be deleted yet.';
    await expect(teardown.sweep()).rejects.toThrow(message);
    account.instances.clear();
    account.rent('i1');
    expect([await teardown.sweep(), account.deletes]).toEqual([false, ['i1']]);
  });

  it('waits for as long as a list may lag for an instance that was listed without an ID and then not at all', async () => {
    account.instances.set('', instanceNamed(name, { id: '' }));
    const teardown = new Teardown(account.cloud, { name }, { mayAppearForMs: 0, clock: account.clock });
    await expect(teardown.sweep()).rejects.toThrow();
    account.instances.clear();
    expect(await teardown.sweep()).toBe(false);
    await account.clock.pass(90_000);
    expect(await teardown.sweep()).toBe(true);
  });

  it('ends at once when the vendor says of the id that it is deleted', async () => {
    account.confirms = true;
    account.rent('i1');
    expect(await account.destroy({ instanceIds: ['i1'] })).toBeLessThan(1);
  });

  it('destroys an instance within seconds although the vendor has asked for a pause of hours between lists', async () => {
    account.rent('i1');
    account.pausesLists = true;
    expect(await account.destroy({ instanceIds: ['i1'] })).toBeLessThan(10);
    expect(account.left).toBe(0);
  });

  it('keeps polling when a vendor that answers wrongly for 20 s shows nothing and takes no delete', async () => {
    account.rent('i1');
    account.wrongUntil = 20_000;
    await account.destroy({ instanceIds: ['i1'] });
    expect(account.left).toBe(0);
    expect(account.clock.now()).toBeGreaterThan(20_000);
  });

  it('polls for the whole consistency window when no delete of the id was accepted', async () => {
    expect(await account.destroy({ instanceIds: ['i1'] })).toBeGreaterThanOrEqual(90);
  });

  it('teardown of the only instance polls for five consistency windows when the list is empty and no delete was accepted', async () => {
    account.rent('i1');
    account.wrongUntil = 300_000;
    await account.destroy({ instanceIds: ['i1'] });
    expect([account.left, account.deletes.length > 0]).toEqual([0, true]);
  });

  it('teardown ends after one consistency window when the list still shows other instances', async () => {
    account.rent('i2', 'gpuc-ab-r-0');
    const seconds = await account.destroy({ instanceIds: ['i1'] });
    expect(seconds).toBeGreaterThanOrEqual(90);
    expect(seconds).toBeLessThan(120);
  });

  it('teardown continues for 29 minutes when all instances of the account vanish at once', async () => {
    account.rent('i1');
    account.rent('i2', 'gpuc-ab-r-0');
    const watch = new AccountWatch();
    watch.listed(['i1', 'i2']);
    account.wrongUntil = 29 * 60_000;
    await account.destroy({ instanceIds: ['i1'] }, { account: watch });
    expect([...account.instances.keys()]).toEqual(['i2']);
  });

  it('destroys a second instance of the name that appears while the first one goes', async () => {
    account.rent('i1');
    account.clock.after(1_000, () => account.rent('i2'));
    await account.destroy({ instanceIds: ['i1'] });
    await account.clock.pass(120_000);
    expect(account.left).toBe(0);
  });

  it('destroys an instance that a lost create brings to light within the window', async () => {
    account.clock.after(80_000, () => account.rent('late'));
    await account.destroy({});
    await account.clock.pass(120_000);
    expect(account.left).toBe(0);
  });

  it('destroys an instance by its id when somebody renamed it', async () => {
    account.rent('i1', 'renamed-in-the-console');
    await account.destroy({ instanceIds: ['i1'] });
    expect(account.left).toBe(0);
  });

  it('asks again for an instance that is shown after its delete was accepted', async () => {
    account.rent('i1');
    account.clock.after(400, () => account.rent('i1'));
    await account.destroy({ instanceIds: ['i1'] });
    expect([account.left, account.deletes]).toEqual([0, ['i1', 'i1']]);
  });

  it('comes back for an instance that cannot be deleted yet', async () => {
    account.rent('i1');
    account.refuse = () => {
      if (account.clock.now() < 10_000) throw error('conflict');
    };
    await account.destroy({ instanceIds: ['i1'] });
    expect(account.left).toBe(0);
  });

  it('waits out an outage', async () => {
    account.rent('i1');
    account.refuse = () => {
      if (account.clock.now() < 10_000) throw error('unavailable');
    };
    await account.destroy({ instanceIds: ['i1'] });
    expect(account.left).toBe(0);
  });

  it('throws an error that no waiting cures, after it tried everything else', async () => {
    account.rent('i1');
    account.keys.set('k1', { id: 'k1', name });
    account.refuse = (id) => {
      if (id === 'i1') throw error('unauthorized');
    };
    await expect(account.destroy({ instanceIds: ['i1'] })).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(account.keys.size).toBe(0);
  });

  it('leaves a volume alone until the instance that uses it is gone', async () => {
    account.rent('i1');
    account.volumes.set('v1', { id: 'v1', name, instanceIds: ['i1'] });
    await account.destroy({ instanceIds: ['i1'], volumeIds: ['v1'] });
    expect([account.left, account.deletes]).toEqual([0, ['i1', 'v1']]);
  });

  it('does not take an empty list of volumes for their end', async () => {
    account.volumes.set('v1', { id: 'v1', name: 'renamed', instanceIds: [] });
    account.wrongUntil = 20_000;
    await account.destroy({ instanceIds: [], volumeIds: ['v1'] });
    expect(account.left).toBe(0);
  });

  it('stops when its signal aborts, and passes it on', async () => {
    const stop = new AbortController();
    const signals = new Set<unknown>();
    const cloud: Cloud = {
      ...account.cloud,
      listInstances: async (options) => {
        signals.add(options?.signal);
        return [];
      },
    };
    const destroyed = destroyUntilGone(cloud, { name }, { clock: account.clock, signal: stop.signal });
    await account.clock.pass(1_000);
    stop.abort(new Error('stop'));
    await expect(destroyed).rejects.toThrow('stop');
    expect([...signals]).toEqual([stop.signal]);
  });

  it('destroys an instance of a cloud that keeps nothing else', async () => {
    account.rent('i1');
    const { listInstances, getInstance, deleteInstance } = account.cloud;
    const cloud = fakeCloud({ listInstances, getInstance, deleteInstance });
    const destroyed = destroyUntilGone(cloud, { name, instanceIds: ['i1'] }, { clock: account.clock });
    await account.clock.pass(10_000);
    await destroyed;
    expect(account.left).toBe(0);
  });
});

describe('Teardown', () => {
  const teardownOf = (target: TeardownTarget, options: TeardownOptions = {}) =>
    new Teardown(account.cloud, target, { ...options, clock: account.clock });

  it('a teardown reports the ids whose deletion was accepted, and continues from those of an earlier attempt', async () => {
    account.rent('i1');
    const teardown = teardownOf({ name, instanceIds: ['i1'] });
    expect(teardown.acknowledged).toEqual([]);
    expect(await teardown.sweep()).toBe(false);
    expect(teardown.acknowledged).toEqual(['i1']);
    const next = teardownOf({ name, instanceIds: ['i1', 'i2'] }, { acknowledged: ['i1'] });
    expect(next.acknowledged).toEqual(['i1']);
    await next.sweep();
    expect(account.deletes).toEqual(['i1', 'i2']);
  });

  it('a teardown searches only the given kinds', async () => {
    account.rent('i1');
    account.keys.set('k1', { id: 'k1', name });
    await teardownOf({ name }, { kinds: ['keys'] }).sweep();
    expect([account.instances.size, account.keys.size]).toEqual([1, 0]);
  });

  it('a teardown without a name destroys its ids only', async () => {
    account.rent('i1');
    account.rent('i2', '');
    await teardownOf({ instanceIds: ['i1'] }).sweep();
    expect([...account.instances.keys()]).toEqual(['i2']);
  });

  it('a teardown says that the account is suspect when several instances vanish at once', async () => {
    account.rent('i1');
    account.rent('i2', 'gpuc-ab-r-0');
    account.refuse = () => {
      throw error('conflict');
    };
    const teardown = teardownOf({ name });
    await teardown.sweep();
    expect(teardown.accountSuspect).toBe(false);
    account.wrongUntil = 10_000;
    await teardown.sweep();
    expect(teardown.accountSuspect).toBe(true);
  });

  it.each(['running', 'deleting'] as const)(
    'a teardown expects the end of a %s instance that it deletes',
    async (status) => {
      for (const id of ['i1', 'i2']) account.instances.set(id, instanceNamed(name, { id, status }));
      const watch = new AccountWatch();
      const teardown = teardownOf({ name }, { account: watch });
      await teardown.sweep();
      account.instances.clear();
      await teardown.sweep();
      expect(watch.state).toBe('unknown');
    },
  );

  it('a teardown expects the end of an instance that the vendor shows as deleted', async () => {
    for (const id of ['i1', 'i2']) account.instances.set(id, instanceNamed(name, { id, status: 'gone' }));
    const watch = new AccountWatch();
    const teardown = teardownOf({ name }, { account: watch });
    expect(await teardown.sweep()).toBe(false);
    account.instances.clear();
    expect(await teardown.sweep()).toBe(false);
    expect([watch.state, account.deletes]).toEqual(['unknown', []]);
  });

  it('a teardown does not delete what is being deleted, and counts it as acknowledged', async () => {
    account.instances.set('i1', instanceNamed(name, { id: 'i1', status: 'deleting' }));
    const teardown = teardownOf({ name });
    await teardown.sweep();
    expect([account.deletes, teardown.acknowledged]).toEqual([[], ['i1']]);
  });

  it('a teardown destroys the volumes of its instances, after them', async () => {
    account.instances.set('i1', instanceNamed(name, { id: 'i1', volumeIds: ['v1'] }));
    account.volumes.set('v1', { id: 'v1', name: 'disk', instanceIds: ['i1'] });
    const teardown = teardownOf({ name });
    await teardown.sweep();
    expect(account.deletes).toEqual(['i1']);
    await account.clock.pass(3_000);
    await teardown.sweep();
    await account.clock.pass(3_000);
    await teardown.sweep();
    expect(account.deletes).toEqual(['i1', 'v1']);
  });

  it('a teardown counts volumes as acknowledged that the vendor deletes with their instance', async () => {
    account.rent('i1');
    const deleteInstance = async (id: string) => {
      account.instances.delete(id);
      return { accepted: true, volumeIds: ['v1', 'v2'] };
    };
    const target = { name, instanceIds: ['i1'], volumeIds: ['v2'] };
    const teardown = new Teardown({ ...account.cloud, deleteInstance }, target, { clock: account.clock });
    await teardown.sweep();
    expect(teardown.acknowledged).toEqual(['i1', 'v2', 'v1']);
    await account.clock.pass(3_000);
    await teardown.sweep();
    await account.clock.pass(3_000);
    expect(await teardown.sweep()).toBe(true);
    expect(account.deletes).toEqual([]);
  });

  it('a teardown remembers that a deletion was accepted while the vendor still shows the instance and its volume', async () => {
    account.instances.set('i1', instanceNamed(name, { id: 'i1', volumeIds: ['v1'] }));
    account.refuse = () => {
      throw error('conflict');
    };
    const acknowledged = ['i1', 'v1'];
    const teardown = teardownOf({ instanceIds: ['i1'], volumeIds: ['v1'] }, { acknowledged });
    await teardown.sweep();
    expect(teardown.acknowledged).toEqual(acknowledged);
  });

  it('a teardown does not read an instance again whose deletion the vendor has confirmed, while others remain', async () => {
    account.rent('i2');
    account.refuse = () => {
      throw error('conflict');
    };
    const reads: string[] = [];
    const getInstance = async (id: string) => {
      reads.push(id);
      return instanceNamed(name, { id, status: 'gone' });
    };
    const target = { name, instanceIds: ['i1'] };
    const teardown = new Teardown({ ...account.cloud, getInstance }, target, { clock: account.clock });
    await teardown.sweep();
    await teardown.sweep();
    expect([teardown.found, reads]).toEqual([['i1', 'i2'], ['i1']]);
  });

  it('a teardown has found what no poll shows if the vendor accepts its deletion, and nothing that the vendor does not know', async () => {
    account.rent('i1');
    const cloud: Cloud = { ...account.cloud, listInstances: async () => [], getInstance: async () => undefined };
    const teardown = new Teardown(cloud, { name, instanceIds: ['i1', 'i2'] }, { clock: account.clock });
    await teardown.sweep();
    expect(teardown.found).toEqual(['i1']);
  });

  it('a teardown ends at once for an instance that is gone already, whichever volumes it had', async () => {
    const cloud: Cloud = {
      ...account.cloud,
      getInstance: async (id) => instanceNamed(name, { id, status: 'gone', volumeIds: ['v1'] }),
    };
    const teardown = new Teardown(cloud, { name, instanceIds: ['i1'] }, { clock: account.clock });
    expect(await teardown.sweep()).toBe(true);
  });

  it('the deletion of a key does not make the end of an instance with the same id expected', async () => {
    for (const id of ['1', '2']) account.keys.set(id, { id, name });
    const watch = new AccountWatch();
    watch.listed(['1', '2']);
    await teardownOf({ name }, { account: watch, kinds: ['keys'] }).sweep();
    expect(account.left).toBe(0);
    watch.listed([]);
    expect(watch.state).toBe('suspect');
  });

  it.each([
    ['preparing', 1],
    ['ready', 1],
    ['deleting', 0],
  ] as const)(
    'a job deployment that is shown as %s is deleted %d times and counts as acknowledged',
    async (status, deletes) => {
      const { cloud } = account;
      const get = async () => ({ name, status, vendorStatus: status, endpoint: '' });
      account.jobDeployments.add(name);
      const jobs = cloud.jobs && { ...cloud.jobs, get };
      const teardown = new Teardown({ ...cloud, jobs }, { name }, { clock: account.clock });
      await teardown.sweep();
      expect([account.deletes.length, teardown.acknowledged]).toEqual([deletes, [name]]);
    },
  );

  it('a teardown sends a call again at once only if the vendor has asked for a pause', async () => {
    const kinds: (CloudErrorKind | 'bug')[] = ['rate-limited', 'unavailable', 'bug'];
    const calls = await Promise.all(
      kinds.map(async (kind) => {
        let lists = 0;
        const listInstances = async () => {
          lists += 1;
          throw kind === 'bug' ? new Error('bug') : error(kind);
        };
        const teardown = new Teardown({ ...account.cloud, listInstances }, { name }, { clock: account.clock });
        await expect(teardown.sweep()).rejects.toThrow();
        return lists;
      }),
    );
    expect(calls).toEqual([2, 1, 1]);
  });

  it('a teardown names what it could not list or delete, and forgets that at the next sweep', async () => {
    account.rent('i1');
    const failing = { list: refused, create: refused, delete: refused };
    const teardown = new Teardown({ ...account.cloud, keys: failing }, { name }, { clock: account.clock });
    expect(teardown.failures).toEqual([]);
    account.refuse = () => {
      throw error('unavailable');
    };
    await expect(teardown.sweep()).rejects.toMatchObject({ kind: 'unavailable' });
    const failed = [
      { kind: 'instances', id: 'i1', error: expect.any(CloudError) },
      { kind: 'keys', error: expect.any(CloudError) },
    ];
    expect(teardown.failures).toEqual(failed);
    account.refuse = () => {};
    await expect(teardown.sweep()).rejects.toMatchObject({ kind: 'invalid' });
    expect(teardown.failures).toEqual(failed.slice(1));
  });

  it('a teardown deletes an instance that can neither be listed nor read, until the deletion is accepted', async () => {
    const reads = [true, true, true];
    const deletes: string[] = [];
    const cloud: Cloud = {
      ...account.cloud,
      listInstances: async () => [],
      getInstance: async () => {
        if (reads.pop()) throw error('unavailable');
        return undefined;
      },
      deleteInstance: async (id) => {
        deletes.push(id);
        return { accepted: deletes.length === 2 };
      },
    };
    const teardown = new Teardown(cloud, { instanceIds: ['i'] }, { kinds: ['instances'], pollIntervalMs: 0 });
    for (const _ of ['first', 'second', 'third'])
      await expect(teardown.sweep()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(deletes).toEqual(['i', 'i']);
    expect(teardown.acknowledged).toEqual(['i']);
    expect([await teardown.sweep(), await teardown.sweep()]).toEqual([false, true]);
  });

  it('a teardown deletes an instance again that the vendor lists after it confirmed its deletion', async () => {
    account.confirms = true;
    account.rent('i1');
    const teardown = teardownOf({ name, instanceIds: ['i1'] });
    await teardown.sweep();
    expect(await teardown.sweep()).toBe(true);
    expect(await teardown.sweep()).toBe(true);
    account.rent('i1');
    await teardown.sweep();
    expect(account.deletes).toEqual(['i1', 'i1']);
  });

  it('a teardown ends no earlier than a lost create can take effect', async () => {
    const teardown = teardownOf({ name }, { mayAppearForMs: 5_000 });
    expect(await teardown.sweep()).toBe(false);
    await account.clock.pass(4_999);
    expect(await teardown.sweep()).toBe(false);
    await account.clock.pass(1);
    expect(await teardown.sweep()).toBe(true);
    expect(await teardownOf({ name, instanceIds: [] }).sweep()).toBe(true);
    expect(await teardownOf({ name, jobDeployments: [] }).sweep()).toBe(true);
    expect(await teardownOf({ name }).sweep()).toBe(false);
  });

  it('a teardown passes its signal on to every call', async () => {
    account.rent('i1');
    const { signal } = new AbortController();
    const signals: unknown[] = [];
    const { cloud } = account;
    const noting: Cloud = {
      ...cloud,
      listInstances: (options) => {
        signals.push(options?.signal);
        return cloud.listInstances();
      },
      getInstance: async (_, options) => void signals.push(options?.signal),
      deleteInstance: (id, options) => {
        signals.push(options?.signal);
        return cloud.deleteInstance(id);
      },
    };
    const teardown = new Teardown(
      noting,
      { name, instanceIds: ['i2'] },
      { clock: account.clock, kinds: ['instances'] },
    );
    await teardown.sweep({ signal });
    // One list, one read of the instance that is not listed, two deletes.
    expect(signals).toEqual([signal, signal, signal, signal]);
  });
});
