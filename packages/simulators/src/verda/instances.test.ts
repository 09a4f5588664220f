import { describe, expect, it } from 'vitest';
import { type Bench, openBench } from '../../test/api.ts';

const order = {
  instance_type: '1A6000.10V',
  image: 'ubuntu-24.04-cuda-12.8-open-docker',
  hostname: 'gpuc-test',
  description: 'a test',
  location_code: 'FIN-01',
};

async function deployed({ verda, clock }: Bench, more: object = {}): Promise<string> {
  const { text } = await verda('POST', '/instances', { ...order, ...more });
  await clock.advance(10);
  return text;
}

describe('deploying', () => {
  it('a Verda create call returns a plain id, and the instance has an address once it runs', async () => {
    const { verda, clock } = await openBench();
    const made = await verda('POST', '/instances', order);
    expect([made.status, made.text]).toEqual([202, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect((await verda('GET', `/instances/${made.text}`)).json).toMatchObject({
      status: 'ordered',
      ip: null,
      os_volume_id: null,
    });
    await clock.advance(5);
    expect((await verda('GET', `/instances/${made.text}`)).json).toMatchObject({ status: 'provisioning' });
    await clock.advance(5);
    const { json } = await verda('GET', `/instances/${made.text}`);
    expect(json).toMatchObject({
      status: 'running',
      ip: expect.stringMatching(/^127\./),
      hostname: 'gpuc-test',
      price_per_hour: 0.49,
    });
    expect(json.volume_ids).toEqual([json.os_volume_id]);
  });

  it('a Verda order that never boots fails after 900 s, and cannot be deleted before', async () => {
    const { verda, clock, sims } = await openBench({ faults: [{ kind: 'never-boots', vendor: 'verda' }] });
    const { text: id } = await verda('POST', '/instances', order);
    const destroy = () => verda('PUT', '/instances', { id, action: 'delete' });
    await clock.advance(899);
    expect((await destroy()).status).toBe(403);
    await clock.advance(1);
    expect((await verda('GET', `/instances/${id}`)).json).toMatchObject({ status: 'no_capacity' });
    expect((await destroy()).status).toBe(202);
    await clock.advance(10);
    expect(sims.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  });

  it('Verda accepts nulls for omitted values of an order, as the vendor’s Python SDK sends them', async () => {
    const { verda } = await openBench();
    const nulls = { startup_script_id: null, os_volume: null, coupon: null, volumes: [], existing_volumes: [] };
    expect((await verda('POST', '/instances', { ...order, ...nulls })).status).toBe(202);
  });

  it.each([
    [{ instance_type: 'none' }, 'Invalid instance type'],
    [{ location_code: 'MARS-01' }, 'Invalid location code'],
    [{ image: 'windows' }, 'Operating system is not valid for this instance type'],
    [{ description: 'x'.repeat(101) }, 'shorter than or equal to 100'],
    [{ ssh_key_ids: ['5f65bf99-4275-4c4c-af24-7aa10c49a601'] }, 'Invalid SSH key id'],
    [{ os_volume: { name: 'os', size: 20 } }, 'OS volume size must be from 50 to 10240'],
    [{ volumes: [{ name: 'v', size: 200_000, type: 'NVMe' }] }, 'Storage limit exceeded'],
    [{ hostname: undefined }, "required property 'hostname'"],
  ])('Verda rejects the order %j with a 400', async (change, message) => {
    const { verda, sims } = await openBench();
    const refused = await verda('POST', '/instances', { ...order, ...change });
    expect([refused.status, refused.json.code]).toEqual([400, 'invalid_request']);
    expect(refused.json.message).toContain(message);
    expect(sims.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  });

  it('Verda responds 503 when a type is sold out, and sells it again after a delete', async () => {
    const bench = await openBench({ catalog: { verda: { '1A6000.10V': { available: 1, pricePerHour: 0.25 } } } });
    const id = await deployed(bench);
    const soldOut = await bench.verda('POST', '/instances', order);
    expect([soldOut.status, soldOut.json.message]).toEqual([
      503,
      'Not enough resources to deploy a 1 GPU instance type 1A6000.10V in FIN-01',
    ]);
    expect((await bench.verda('GET', '/instance-availability/1A6000.10V?location_code=FIN-01')).text).toBe('false');
    await bench.verda('PUT', '/instances', { action: 'delete', id });
    await bench.clock.advance(10);
    expect((await bench.verda('POST', '/instances', order)).status).toBe(202);
  });

  it('Verda responds 402 once the balance is spent', async () => {
    const bench = await openBench({ catalog: { verda: { '1A6000.10V': { pricePerHour: 10_000 } } } });
    await deployed(bench);
    await bench.clock.advance(3600);
    const refused = await bench.verda('POST', '/instances', order);
    expect([refused.status, refused.json.code]).toEqual([402, 'insufficient_funds']);
  });
});

describe('actions', () => {
  it('Verda rejects the deletion of a provisioning instance', async () => {
    const { verda } = await openBench();
    const { text: id } = await verda('POST', '/instances', order);
    const refused = await verda('PUT', '/instances', { action: 'delete', id });
    expect([refused.status, refused.json]).toEqual([
      403,
      { code: 'forbidden_action', message: "Can't discontinue a provisioning instance" },
    ]);
  });

  it('a deleted Verda instance is readable as discontinued and not listed', async () => {
    const bench = await openBench();
    const id = await deployed(bench);
    const deleted = await bench.verda('PUT', '/instances', { action: 'delete', id: [id] });
    expect([deleted.status, deleted.json]).toEqual([202, [{ instanceId: id, action: 'delete', status: 'success' }]]);
    expect((await bench.verda('GET', '/instances')).json).toMatchObject([{ id, status: 'deleting' }]);
    await bench.clock.advance(10);
    expect((await bench.verda('GET', `/instances/${id}`)).json.status).toBe('discontinued');
    expect((await bench.verda('GET', '/instances')).json).toEqual([]);
    const again = await bench.verda('PUT', '/instances', { action: 'delete', id });
    expect([again.status, again.json.message]).toEqual([400, "Can't discontinue a discontinued instance"]);
    const unknown = await bench.verda('PUT', '/instances', {
      action: 'delete',
      id: '5f65bf99-4275-4c4c-af24-7aa10c49a601',
    });
    expect([unknown.status, unknown.json.message]).toEqual([404, 'Invalid instance id']);
  });

  it('a Verda action responds 207 with a result per instance when some fail', async () => {
    const bench = await openBench();
    const running = await deployed(bench);
    const { text: young } = await bench.verda('POST', '/instances', order);
    const mixed = await bench.verda('PUT', '/instances', { action: 'delete', id: [running, young] });
    expect(mixed.status).toBe(207);
    expect(mixed.json).toEqual([
      { instanceId: running, action: 'delete', status: 'success' },
      {
        instanceId: young,
        action: 'delete',
        status: 'error',
        error: "Can't discontinue a provisioning instance",
        statusCode: 403,
      },
    ]);
  });

  it('a Verda action that changes nothing responds 204, and a stopped instance is still billed', async () => {
    const bench = await openBench();
    const id = await deployed(bench);
    expect((await bench.verda('PUT', '/instances', { action: 'start', id })).status).toBe(204);
    expect((await bench.verda('PUT', '/instances', { action: 'shutdown', id })).status).toBe(202);
    expect((await bench.verda('PUT', '/instances', { action: 'shutdown', id })).status).toBe(204);
    expect((await bench.verda('GET', `/instances/${id}`)).json.status).toBe('offline');
    const before = bench.sims.ledger().instances[0]?.dollars ?? 0;
    await bench.clock.advance(3600);
    expect((bench.sims.ledger().instances[0]?.dollars ?? 0) - before).toBeCloseTo(0.49);
    await bench.verda('PUT', '/instances', { action: 'start', id });
    await bench.clock.advance(10);
    expect((await bench.verda('GET', `/instances/${id}`)).json.status).toBe('running');
  });
});

describe('volumes of a deleted instance', () => {
  const withDisk = { volumes: [{ name: 'data', size: 100, type: 'NVMe' }] };
  const after = async (request: (osVolume: string, all: readonly string[]) => object, more: object = {}) => {
    const bench = await openBench();
    const id = await deployed(bench, { ...withDisk, ...more });
    const { os_volume_id, volume_ids } = (await bench.verda('GET', `/instances/${id}`)).json;
    await bench.verda('PUT', '/instances', { action: 'delete', id, ...request(os_volume_id, volume_ids) });
    await bench.clock.advance(10);
    const names = async (path: string) =>
      (await bench.verda('GET', path)).json.map(
        (volume: { is_os_volume: boolean; status: string }) =>
          `${volume.is_os_volume ? 'os' : 'data'} ${volume.status}`,
      );
    return {
      bench,
      volumes: await names('/volumes'),
      trash: await names('/volumes/trash'),
      left: bench.sims.ledger().left.volumes,
    };
  };

  it('without volume_ids, deleting a Verda instance trashes its OS volume and detaches the others', async () => {
    const { volumes, trash, left } = await after(() => ({ delete_permanently: true }));
    expect({ volumes, trash, left }).toEqual({ volumes: ['data detached'], trash: ['os deleted'], left: 1 });
  });

  it('with empty volume_ids, deleting a Verda instance detaches all volumes, which are still billed', async () => {
    const { volumes, trash, bench } = await after(() => ({ volume_ids: [] }));
    expect({ volumes, trash }).toEqual({ volumes: ['os detached', 'data detached'], trash: [] });
    const before = bench.sims.ledger().dollars;
    await bench.clock.advance(3600 * 730);
    // 50 GB and 100 GB at $0.20 per GB and month.
    expect(bench.sims.ledger().dollars - before).toBeCloseTo(30);
  });

  it('with all volume_ids and delete_permanently, deleting a Verda instance leaves no volume', async () => {
    const { volumes, trash, left } = await after((_os, all) => ({ volume_ids: all, delete_permanently: true }));
    expect({ volumes, trash, left }).toEqual({ volumes: [], trash: [], left: 0 });
  });

  it('Verda deletes volumes from the trash after 96 hours', async () => {
    const { bench } = await after((osVolume) => ({ volume_ids: [osVolume] }));
    await bench.clock.advance(96 * 3600 - 60);
    expect((await bench.verda('GET', '/volumes/trash')).json).toHaveLength(1);
    await bench.clock.advance(120);
    expect((await bench.verda('GET', '/volumes/trash')).json).toHaveLength(0);
  });

  it('a preempted Verda spot instance leaves its OS volume unless on_spot_discontinue deletes it', async () => {
    for (const [policy, left] of [
      [undefined, 1],
      ['delete_permanently', 0],
    ] as const) {
      const bench = await openBench();
      await bench.sims.faults.add({ kind: 'preempt', vendor: 'verda', seconds: 5 });
      const os_volume = { name: 'os', size: 50, ...(policy === undefined ? {} : { on_spot_discontinue: policy }) };
      const id = await deployed(bench, { is_spot: true, os_volume });
      expect((await bench.verda('GET', `/instances/${id}`)).json).toMatchObject({
        status: 'running',
        price_per_hour: 0.17,
        contract: 'SPOT',
      });
      await bench.clock.advance(5);
      expect((await bench.verda('GET', '/instances')).json).toEqual([]);
      expect(bench.sims.ledger().left).toEqual({ instances: 0, keys: 0, volumes: left, jobDeployments: 0 });
    }
  });

  it('an accepted Verda order that fails stays listed as no_capacity, is not billed, and leaves no volume', async () => {
    const bench = await openBench({ faults: [{ kind: 'accepted-then-failed', vendor: 'verda' }] });
    const id = await deployed(bench);
    expect((await bench.verda('GET', '/instances')).json).toMatchObject([{ id, status: 'no_capacity' }]);
    const before = bench.sims.ledger().dollars;
    await bench.clock.advance(3600);
    expect(bench.sims.ledger().dollars).toBe(before);
    await bench.verda('PUT', '/instances', { action: 'delete', id });
    await bench.clock.advance(10);
    expect(bench.sims.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 0, jobDeployments: 0 });
  });
});
