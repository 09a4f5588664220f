import { describe, expect, it } from 'vitest';
import { type Bench, openBench, send } from '../../test/api.ts';
import { publicKey } from '../../test/key-pair.ts';

const order = { gpu_type: 'rtx_a6000', gpu_count: 2, tier: 'on_demand', name: 'gpuc-test' };

async function created({ gpuAi, clock }: Bench, more: object = {}): Promise<string> {
  const { json } = await gpuAi('POST', '/instances', { ...order, ...more });
  await clock.advance(10);
  return json.resource_id;
}

describe('creating', () => {
  it('GPU.ai creates an instance with a 202, an operation to poll, and its id in a header', async () => {
    const { gpuAi, clock } = await openBench();
    const made = await gpuAi('POST', '/instances', order);
    expect([made.status, made.json]).toMatchObject([202, { kind: 'instance.create', state: 'pending' }]);
    expect(made.headers.get('operation-id')).toBe(made.json.operation_id);
    const state = async () => (await gpuAi('GET', `/operations/${made.json.operation_id}`)).json.state;
    await clock.advance(5);
    expect(await state()).toBe('in_progress');
    expect((await gpuAi('GET', `/instances/${made.json.resource_id}`)).json).toMatchObject({
      status: 'allocating',
      connection: null,
    });
    await clock.advance(5);
    expect(await state()).toBe('succeeded');
    expect((await gpuAi('GET', `/instances/${made.json.resource_id}`)).json).toMatchObject({
      status: 'running',
      name: 'gpuc-test',
      price_per_hour: 1.04,
      connection: { hostname: '127.0.0.1' },
    });
  });

  it.each([
    [{ gpu_type: 'abacus' }, 422, 'invalid_gpu_type'],
    [{ gpu_count: 9 }, 422, 'validation_failed'],
    [{ tier: 'cheap' }, 422, 'validation_failed'],
    [{ ssh_key_ids: ['key_x'] }, 422, 'validation_failed'],
    [{ max_price_per_hour: 0.1 }, 409, 'price-exceeded'],
    [{ gpu_count: 8 }, 409, 'no-availability'],
    [{ region: 'moon' }, 409, 'no-availability'],
  ])('GPU.ai rejects the order %j with a problem', async (change, status, code) => {
    const { gpuAi, sims } = await openBench();
    const refused = await gpuAi('POST', '/instances', { ...order, ...change });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect([refused.status, refused.json]).toMatchObject([
      status,
      { status, code, title: expect.any(String), request_id: expect.any(String) },
    ]);
    expect(sims.ledger().left.instances).toBe(0);
  });

  it('an accepted GPU.ai order that fails also fails its operation', async () => {
    const bench = await openBench({ faults: [{ kind: 'accepted-then-failed', vendor: 'gpu-ai' }] });
    const made = await bench.gpuAi('POST', '/instances', order);
    await bench.clock.advance(10);
    const { json } = await bench.gpuAi('GET', `/operations/${made.json.operation_id}`);
    expect(json).toMatchObject({ state: 'failed', error: { code: 'operation_failed' } });
    expect((await bench.gpuAi('GET', `/instances/${made.json.resource_id}`)).json.status).toBe('error');
  });
});

describe('deleting', () => {
  it('GPU.ai deletes by operation, lists terminated instances on request, and responds 404 to a second delete', async () => {
    const bench = await openBench();
    const id = await created(bench);
    const deleted = await bench.gpuAi('DELETE', `/instances/${id}`);
    expect([deleted.status, deleted.json.kind]).toEqual([202, 'instance.delete']);
    const again = await bench.gpuAi('DELETE', `/instances/${id}`);
    expect(again.json.operation_id).toBe(deleted.json.operation_id);
    expect((await bench.gpuAi('GET', `/instances/${id}`)).json.status).toBe('stopping');
    expect(bench.sims.ledger().left.instances).toBe(1);
    await bench.clock.advance(10);
    expect((await bench.gpuAi('GET', `/operations/${deleted.json.operation_id}`)).json.state).toBe('succeeded');
    expect((await bench.gpuAi('GET', '/instances')).json.data).toEqual([]);
    for (const status of ['terminated', 'all']) {
      const { data } = (await bench.gpuAi('GET', `/instances?status=${status}`)).json;
      expect(data).toMatchObject([{ id, status: 'terminated' }]);
    }
    expect((await bench.gpuAi('GET', '/instances?status=running')).json.data).toEqual([]);
    expect((await bench.gpuAi('DELETE', `/instances/${id}`)).status).toBe(404);
    expect(bench.sims.ledger().left.instances).toBe(0);
  });

  it('GPU.ai deletes an instance that is still being created', async () => {
    const { gpuAi, clock, sims } = await openBench();
    const { json } = await gpuAi('POST', '/instances', order);
    await gpuAi('DELETE', `/instances/${json.resource_id}`);
    await clock.advance(20);
    expect((await gpuAi('GET', `/operations/${json.operation_id}`)).json.state).toBe('failed');
    expect(sims.ledger().left.instances).toBe(0);
  });
});

describe('idempotency keys', () => {
  const key = { 'idempotency-key': 'k1' };

  it('a GPU.ai idempotency key returns the same operation for the same request and creates one instance', async () => {
    const { gpuAi, sims } = await openBench();
    const first = await gpuAi('POST', '/instances', order, key);
    const second = await gpuAi('POST', '/instances', { ...order }, key);
    expect(second.json.operation_id).toBe(first.json.operation_id);
    expect(sims.ledger().instances).toMatchObject([{ name: 'gpuc-test', createCalls: 1 }]);
  });

  it('a GPU.ai idempotency key rejects a different request, and any request during the first one', async () => {
    const { gpuAi, clock } = await openBench({ faults: [{ kind: 'latency', vendor: 'gpu-ai', seconds: 5 }] });
    const first = gpuAi('POST', '/instances', order, key);
    await clock.advance(1);
    const conflict = await gpuAi('POST', '/instances', order, key);
    expect([conflict.status, conflict.json.code]).toEqual([409, 'idempotency_conflict']);
    await clock.advance(5);
    expect((await first).status).toBe(202);
    const mismatch = await gpuAi('POST', '/instances', { ...order, gpu_count: 1 }, key);
    expect([mismatch.status, mismatch.json.code]).toEqual([422, 'idempotency_mismatch']);
    await clock.advance(24 * 3600);
    expect((await gpuAi('POST', '/instances', { ...order, gpu_count: 1 }, key)).status).toBe(202);
  });

  it('a GPU.ai idempotency key can be used again after a rejected request', async () => {
    const { gpuAi } = await openBench();
    await gpuAi('POST', '/instances', { ...order, gpu_type: 'abacus' }, key);
    expect((await gpuAi('POST', '/instances', order, key)).status).toBe(202);
  });

  it('a GPU.ai idempotency key finds the created instance when the response is lost', async () => {
    const { gpuAi, sims } = await openBench({
      faults: [{ kind: 'lost-response', operation: 'createInstance', vendor: 'gpu-ai' }],
    });
    await expect(gpuAi('POST', '/instances', order, key)).rejects.toThrow('fetch failed');
    expect((await gpuAi('POST', '/instances', order, key)).status).toBe(202);
    expect(sims.ledger().instances).toHaveLength(1);
  });
});

it('GPU.ai lists are paged by cursor', async () => {
  const { gpuAi } = await openBench();
  const all = (await gpuAi('GET', '/pricing')).json.data;
  const seen: unknown[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const { json } = await gpuAi('GET', `/pricing?limit=5&cursor=${cursor}`);
    seen.push(...json.data);
    cursor = json.next_cursor;
  }
  expect(seen).toEqual(all);
  expect((await gpuAi('GET', '/pricing?cursor=nonsense')).status).toBe(422);
  expect((await gpuAi('GET', '/instances?limit=201')).status).toBe(422);
});

it('GPU.ai distinguishes a missing API key from a wrong one, and serves prices without a key', async () => {
  const { sims } = await openBench();
  const codes = async (headers: Record<string, string>) =>
    (await send(sims, 'gpu-ai', 'GET', '/instances', undefined, headers)).json.code;
  expect(await codes({})).toBe('unauthenticated');
  expect(await codes({ authorization: 'Bearer wrong' })).toBe('invalid_api_key');
  for (const path of ['/pricing', '/gpu-types', '/health', '/openapi.json']) {
    expect((await send(sims, 'gpu-ai', 'GET', path, undefined, {})).status).toBe(200);
  }
});

it('GPU.ai stores SSH keys with a fingerprint and responds 404 to a second delete', async () => {
  const { gpuAi, sims } = await openBench();
  const made = await gpuAi('POST', '/ssh-keys', { name: 'k', public_key: publicKey }, { 'idempotency-key': 'a' });
  expect([made.status, made.json]).toMatchObject([201, { name: 'k', fingerprint: expect.stringMatching(/^SHA256:/) }]);
  expect((await gpuAi('GET', `/ssh-keys/${made.json.id}`)).json).toEqual(made.json);
  expect((await gpuAi('DELETE', `/ssh-keys/${made.json.id}`)).status).toBe(204);
  expect((await gpuAi('DELETE', `/ssh-keys/${made.json.id}`)).status).toBe(404);
  expect(sims.ledger().left.keys).toBe(0);
  expect((await gpuAi('POST', '/ssh-keys', { name: 'k', public_key: 'no' })).status).toBe(422);
});

it('GPU.ai returns the secret of a webhook endpoint only on creation', async () => {
  const { gpuAi } = await openBench();
  const endpoint = { url: 'https://example.com/hook', event_types: ['instance.running'] };
  const made = await gpuAi('POST', '/webhook-endpoints', endpoint);
  expect([made.status, made.json]).toMatchObject([201, { ...endpoint, enabled: true, secret: expect.any(String) }]);
  expect((await gpuAi('GET', `/webhook-endpoints/${made.json.id}`)).json.secret).toBeUndefined();
  expect((await gpuAi('DELETE', `/webhook-endpoints/${made.json.id}`)).status).toBe(204);
  expect((await gpuAi('GET', '/webhook-endpoints')).json.data).toEqual([]);
});

it('GPU.ai renames an instance and reports its usage per hour', async () => {
  const bench = await openBench();
  const id = await created(bench);
  expect((await bench.gpuAi('PATCH', `/instances/${id}`, { name: 'other' })).json.name).toBe('other');
  await bench.clock.advance(3600);
  const { data } = (await bench.gpuAi('GET', '/usage?bucket=hour&group_by=instance_id')).json;
  expect(data).toMatchObject([
    { instance_id: id, gpu_seconds: 7200, cost_cents: 104 },
    { instance_id: id, gpu_seconds: 20 },
  ]);
});

it('GPU.ai reports no usage of instances that ended before the time that is asked for', async () => {
  const bench = await openBench();
  await bench.gpuAi('DELETE', `/instances/${await created(bench)}`);
  await bench.clock.advance(600);
  const usage = async (start: string) => (await bench.gpuAi('GET', `/usage?start=${start}`)).json.data;
  expect(await usage('2026-01-01T00:10:00Z')).toEqual([]);
  expect(await usage('2026-01-01T00:00:00Z')).toHaveLength(1);
});

it('GPU.ai prices can be filtered, and leave out what is not available unless it is asked for', async () => {
  const { gpuAi } = await openBench({ catalog: { 'gpu-ai': { l40s: { available: 0 } } } });
  const rows = async (query: string) => (await gpuAi('GET', `/pricing?${query}`)).json.data;
  expect(await rows('gpu_type=rtx_a6000&region=us-west&tier=spot')).toMatchObject([{ price_per_hour: 0.31 }]);
  expect(await rows('gpu_type=l40s')).toEqual([]);
  expect(await rows('gpu_type=l40s&include_unavailable=true&tier=spot')).toHaveLength(2);
});

const withoutFixedDisk = { gpu_type: 'l40s', gpu_count: 1 };

it.each([
  [{}, 100, 0.89],
  [{ disk_gb: 100 }, 100, 0.89],
  [{ disk_gb: 10 }, 10, 0.89],
  [{ disk_gb: 450 }, 450, 0.93],
])('GPU.ai gives the order %j a disk of %i GB for $%f an hour in all', async (given, disk, price) => {
  const bench = await openBench();
  const id = await created(bench, { ...withoutFixedDisk, ...given });
  expect((await bench.gpuAi('GET', `/instances/${id}`)).json).toMatchObject({ disk_gb: disk, price_per_hour: price });
});

it.each([
  ['below 10 GB', { ...withoutFixedDisk, disk_gb: 9 }, 'validation_failed'],
  ['above 1,000 GB', { ...withoutFixedDisk, disk_gb: 1_001 }, 'validation_failed'],
  ['larger than its host', { ...withoutFixedDisk, disk_gb: 801 }, 'disk_unavailable'],
  ['where it is fixed', { disk_gb: 100 }, 'disk_unavailable'],
])('GPU.ai refuses a disk %s', async (_what, given, code) => {
  const { gpuAi } = await openBench();
  const { status, json } = await gpuAi('POST', '/instances', { ...order, ...given });
  expect([status, json.code]).toEqual([422, code]);
});

it('GPU.ai prices say which disks are configurable, and count more disk toward the maximum price', async () => {
  const { gpuAi } = await openBench();
  const { data } = (await gpuAi('GET', '/pricing?tier=on_demand&region=us-east')).json;
  expect(data).toContainEqual(expect.objectContaining({ gpu_type: 'rtx_a6000', disk_configurable: false }));
  expect(data).toContainEqual(
    expect.objectContaining({ gpu_type: 'l40s', instance_disk_gb: 100, disk_configurable: true, storage_gb: 800 }),
  );
  const dear = { ...order, ...withoutFixedDisk, disk_gb: 450, max_price_per_hour: 0.92 };
  expect((await gpuAi('POST', '/instances', dear)).json.code).toBe('price-exceeded');
});

it('GPU.ai terminates an instance after its runtime limit and says why', async () => {
  const bench = await openBench();
  const id = await created(bench, { auto_terminate_hours: 2 });
  const one = async () => (await bench.gpuAi('GET', `/instances/${id}`)).json;
  expect(await one()).toMatchObject({ auto_terminate_hours: 2, auto_terminate_at: '2026-01-01T02:00:10.000Z' });
  await bench.clock.advance(2 * 3600 - 1);
  expect((await one()).status).toBe('running');
  await bench.clock.advance(10);
  expect(await one()).toMatchObject({ status: 'terminated', status_reason: expect.stringContaining('2-hour') });
  expect(bench.sims.ledger().left.instances).toBe(0);
});

it('a GPU.ai instance whose SSH is down is unreachable, and listed as running', async () => {
  const bench = await openBench();
  await bench.sims.listen();
  const id = await created(bench);
  await bench.sims.faults.add({ kind: 'ssh-refuses', instance: id, seconds: 60 });
  const { data } = (await bench.gpuAi('GET', '/instances?status=running')).json;
  expect(data).toMatchObject([{ id, status: 'unreachable', unreachable_since: expect.any(String) }]);
  await bench.clock.advance(60);
  expect((await bench.gpuAi('GET', `/instances/${id}`)).json).toMatchObject({ id, status: 'running' });
  await bench.sims.close();
});
