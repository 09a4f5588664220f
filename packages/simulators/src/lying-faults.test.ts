import { expect, it } from 'vitest';
import { type Bench, openBench } from '../test/api.ts';

const order = { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any', instanceName: 'ours' };

async function launched(bench: Bench, instanceName = 'ours'): Promise<string> {
  const { response } = (await bench.massed('POST', '/instance/launch', { ...order, instanceName })).json;
  await bench.clock.advance(11);
  return response;
}

const listed = async ({ massed }: Bench): Promise<readonly string[]> =>
  (await massed('GET', '/instance')).json.runningInstances.map(({ name }: { name: string }) => name);

it.each([
  ['empty-list', []],
  ['other-account', ['first']],
  ['stale-page', ['first', 'ours']],
] as const)('%s gives a wrong list of instances for its duration', async (kind, shown) => {
  const bench = await openBench();
  await launched(bench, 'first');
  const id = await launched(bench);
  await bench.sims.faults.add({ kind, vendor: 'massed-compute', seconds: 30 });
  await bench.clock.advance(1);
  await launched(bench, 'later');
  expect(await listed(bench)).toEqual(shown);
  const one = await bench.massed('GET', `/instance/${id}`);
  expect(one.text.includes('ours')).toBe(kind === 'stale-page');
  await bench.clock.advance(30);
  expect(await listed(bench)).toEqual(['first', 'ours', 'later']);
});

it.each([
  ['unauthorized', 401, 'application/json'],
  ['not-found', 404, 'application/json'],
  ['html', 200, 'text/html'],
  ['redirect', 302, null],
] as const)('the fault %s answers with %d and has no effect', async (kind, status, media) => {
  const bench = await openBench({ faults: [{ kind, vendor: 'massed-compute' }] });
  const failed = await bench.massed('POST', '/instance/launch', order);
  expect([failed.status, failed.headers.get('content-type')]).toEqual([
    status,
    media === null ? null : expect.stringContaining(media),
  ]);
  expect(bench.sims.ledger().instances).toEqual([]);
});

it('truncated sends half of the answer of a request that took effect', async () => {
  const bench = await openBench({ faults: [{ kind: 'truncated', vendor: 'massed-compute' }] });
  const answer = await bench.massed('POST', '/instance/launch', order);
  expect([answer.status, answer.json]).toEqual([202, undefined]);
  expect(bench.sims.ledger().left.instances).toBe(1);
});

it('huge sends the answer behind 512 MiB of spaces in less than 1 MiB of gzip', async () => {
  const bench = await openBench({ faults: [{ kind: 'huge', vendor: 'massed-compute' }] });
  const { baseUrl, env } = bench.sims['massed-compute'];
  const headers = { authorization: `Bearer ${env.MASSED_COMPUTE_TOKEN}` };
  const response = await bench.sims['massed-compute'].fetch(new Request(`${baseUrl}/instance`, { headers }));
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect((await response.bytes()).length).toBeLessThan(1024 * 1024);
});

it('reprice changes the price in the list and in the ledger', async () => {
  const bench = await openBench();
  const id = await launched(bench);
  await bench.sims.faults.add({ kind: 'reprice', instance: id, factor: 20 });
  const [shown] = (await bench.massed('GET', '/instance')).json.runningInstances;
  expect(Number(shown.product.price_hr)).toBeCloseTo(0.57 * 20);
  expect(bench.sims.ledger().instances[0]?.pricePerHour).toBeCloseTo(0.57 * 20);
});

it('rename changes the name that the vendor shows, and the ledger keeps the first one', async () => {
  const bench = await openBench();
  const id = await launched(bench);
  await bench.sims.faults.add({ kind: 'rename', instance: id });
  expect(await listed(bench)).not.toContain('ours');
  expect(bench.sims.ledger().instances[0]?.name).toBe('ours');
});

it('duplicate adds an instance with the same name, also after the first one is gone', async () => {
  const bench = await openBench();
  const id = await launched(bench);
  await bench.sims.faults.add({ kind: 'duplicate', instance: id, seconds: 5 });
  await bench.massed('POST', '/instance/terminate', { instanceUuids: [id] });
  await bench.clock.advance(6);
  expect(await listed(bench)).toEqual(['ours']);
  const [first, second] = bench.sims.ledger().instances;
  expect([first?.createCalls, second?.createCalls, second?.duplicateOf]).toEqual([1, 1, id]);
});

it('a fault of an existing instance is rejected without an instance', async () => {
  const bench = await openBench();
  expect(() => bench.sims.faults.add({ kind: 'reboot' })).toThrow('needs an "instance"');
});
