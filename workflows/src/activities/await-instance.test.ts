import { CloudError, type CloudErrorKind } from '@gpu-clouds/clouds/pure';
import { FakeCloud } from '@gpu-clouds/jobs/test';
import { beforeEach, describe, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import type { Repriced, Running } from './contract.ts';
import { createActivities } from './create-activities.ts';

const instanceName = 'gpuc-default-run-0';
const ssh = { host: '127.0.0.1', port: 22, user: 'root' };
const bootTimeoutMs = 60_000;

let cloud: FakeCloud;
let time: number;
beforeEach(() => {
  time = 0;
  cloud = new FakeCloud('verda', [{}], ssh);
});

async function create(name = instanceName): Promise<string> {
  const [offer] = await cloud.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  return (await cloud.createInstance({ offer, name, publicKey: '' })).id;
}

function awaitRunning(instanceId: string): Promise<Running | Repriced> {
  const { watch } = createActivities({
    fleet: 'default',
    clouds: new Map([['verda', cloud]]),
    masterSecret: 'sixteen characters',
    timing: { pollIntervalMs: 1, bootTimeoutMs },
    now: () => time,
  });
  const input = { vendor: 'verda', instanceName, instanceId, createdAt: 0, pricePerHour: 1, pricedAt: 0 } as const;
  return mockActivity().run(watch.awaitRunning, { ...input, orderedPricePerHour: 1, maxPricePerHour: undefined });
}

function refuseLists(kind: CloudErrorKind): void {
  cloud.listInstances = () => {
    const details = { kind, vendor: 'verda', operation: 'listInstances', mayHaveTakenEffect: false } as const;
    return Promise.reject(new CloudError(`the list was refused as ${kind}`, details));
  };
}

describe('awaitRunning', () => {
  it.each(['not-found', 'invalid', 'unauthorized', 'conflict'] as const)(
    'is tried again after a list that is refused as %s, because that says nothing about the instance',
    async (kind) => {
      const id = await create();
      refuseLists(kind);
      await expect(awaitRunning(id)).rejects.toMatchObject({ type: kind, nonRetryable: false });
    },
  );

  it('gives up once the boot timeout is over, also if no list is answered', async () => {
    const id = await create();
    refuseLists('unauthorized');
    time = bootTimeoutMs + 1;
    await expect(awaitRunning(id)).rejects.toMatchObject({
      type: 'never-ready',
      nonRetryable: true,
      message: expect.stringContaining('Its last status was unknown (the list was refused as unauthorized).'),
    });
  });

  it('destroys another instance with its name', async () => {
    const [stray, id] = [await create(), await create()];
    await expect(awaitRunning(id)).resolves.toMatchObject({ ssh });
    expect([...cloud.instances.keys()]).not.toContain(stray);
  });

  it('destroys nothing with its name while the list does not show the instance itself', async () => {
    const listed = await create();
    time = bootTimeoutMs + 1;
    await expect(awaitRunning('the-same-under-another-id')).rejects.toThrow();
    expect([...cloud.instances.keys()]).toEqual([listed]);
  });
});
