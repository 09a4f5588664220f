import type { Cloud, JobDeployments } from '@gpu-clouds/clouds';
import { FakeCloud, until } from '@gpu-clouds/jobs/test';
import { type MetricMeter, noopMetricMeter } from '@temporalio/common';
import { beforeEach, expect, it } from 'vitest';
import { countInstances } from './instance-census.ts';

let told: Readonly<Record<string, unknown>>[];
beforeEach(() => {
  told = [];
});

/** Only gauges are asked for; spreading the meter would lose the methods of its class. */
const meter: MetricMeter = Object.assign(Object.create(noopMetricMeter), {
  createGauge: () => ({ set: (value: number, tags: object = {}) => void told.push({ ...tags, value }) }),
});

/** Counts once. */
async function count(list: JobDeployments['list']): Promise<void> {
  const refused = () => Promise.reject(new Error('not asked here'));
  const jobs = {
    listOffers: refused,
    create: refused,
    get: refused,
    submit: refused,
    poll: refused,
    result: refused,
    delete: refused,
    list,
  };
  const fake = new FakeCloud('verda', [{}], { host: '127.0.0.1', port: 22, user: 'root' });
  const [offer] = await fake.listOffers();
  if (offer === undefined) throw new Error('the fake cloud has one offer');
  await fake.createInstance({ offer, name: 'gpuc-default-a-0', publicKey: '' });
  const cloud: Cloud = Object.assign(fake, { jobs });
  const ended = new AbortController();
  const counting = countInstances({ clouds: [cloud], fleet: 'default', meter, signal: ended.signal });
  await until(() => told.length > 0, 'a count');
  ended.abort();
  await counting;
}

it("counts instances and job deployments, each for itself, and nothing that is not this deployment's", async () => {
  await count(async () => ['gpuc-default-b-0', 'gpuc-default-c-0', 'gpuc-other-d-0', 'somebody-elses']);
  expect(told).toEqual([
    { vendor: 'verda', what: 'instance', value: 1 },
    { vendor: 'verda', what: 'job-deployment', value: 2 },
  ]);
});

it('an account that may not list job deployments has its instances counted all the same', async () => {
  await count(() => Promise.reject(new Error('forbidden')));
  expect(told).toEqual([{ vendor: 'verda', what: 'instance', value: 1 }]);
});
