import { describe, expect, it } from 'vitest';
import { type Bench, openBench, send } from '../../test/api.ts';
import { publicKey } from '../../test/key-pair.ts';

const model = 'rtxa6000-pcie-48gb';

/** Returns a form that deploys on the first host with the GPU. */
async function formFor({ tensorDock }: Bench, more: Record<string, string> = {}): Promise<Record<string, string>> {
  const { hostnodes } = (await tensorDock('GET', '/client/deploy/hostnodes')).json;
  const [hostnode = ''] = Object.keys(hostnodes).filter((id) => hostnodes[id].specs.gpu[model] !== undefined);
  const [port] = hostnodes[hostnode].networking.ports;
  const ports = { external_ports: `{${port}}`, internal_ports: '{22}' };
  const size = { gpu_model: model, gpu_count: '1', vcpus: '4', ram: '16', storage: '100' };
  return {
    name: 'gpuc-test',
    hostnode,
    operating_system: 'Ubuntu 22.04 LTS',
    ssh_key: publicKey,
    ...size,
    ...ports,
    ...more,
  };
}

describe('hostnodes', () => {
  it('TensorDock lists hosts by uuid without credentials, with free ports', async () => {
    const { sims } = await openBench();
    const { json } = await send(sims, 'tensordock', 'GET', '/api/v0/client/deploy/hostnodes', undefined, {});
    expect(json.success).toBe(true);
    const [[id, host]] = Object.entries<{ networking: { ports: number[] } }>(json.hostnodes) as [
      [string, { networking: object }],
    ];
    expect(host.networking).toMatchObject({ receive: 1000, send: 1000 });
    const one = await send(sims, 'tensordock', 'GET', `/api/v0/client/deploy/hostnodes/${id}`, undefined, {});
    expect(one.json).toEqual({ success: true, hostnode: host });
  });

  it('TensorDock filters hosts by the query', async () => {
    const { tensorDock } = await openBench();
    const count = async (query: string) =>
      Object.keys((await tensorDock('GET', `/client/deploy/hostnodes?${query}`)).json.hostnodes).length;
    expect(await count('minVRAM=80')).toBe(2);
    expect(await count('requiresRTX=true')).toBe(3);
    expect(await count('minGPUCount=4')).toBe(2);
    expect(await count('minRAM=100000')).toBe(0);
  });

  it('the TensorDock host list has GPU counts up to 30 s old, and a single host has current ones', async () => {
    const bench = await openBench();
    const form = await formFor(bench);
    const listed = async () =>
      (await bench.tensorDock('GET', '/client/deploy/hostnodes')).json.hostnodes[form.hostnode ?? ''];
    const before = (await listed()).specs.gpu[model].amount;
    await bench.tensorDock('POST', '/client/deploy/single', form);
    expect((await listed()).specs.gpu[model].amount).toBe(before);
    const fresh = (await bench.tensorDock('GET', `/client/deploy/hostnodes/${form.hostnode}`)).json.hostnode;
    expect(fresh.specs.gpu[model].amount).toBe(before - 1);
    await bench.clock.advance(30);
    expect((await listed()).specs.gpu[model].amount).toBe(before - 1);
  });
});

describe('deploying', () => {
  it.each([
    ['{', '}'],
    ['[', ']'],
  ])('TensorDock parses ports written as %s…%s and forwards them', async (open, close) => {
    const bench = await openBench();
    const form = await formFor(bench);
    const { hostnode } = (await bench.tensorDock('GET', `/client/deploy/hostnodes/${form.hostnode}`)).json;
    const [ssh, web] = hostnode.networking.ports;
    const ports = { external_ports: `${open}${ssh}, ${web}${close}`, internal_ports: `${open}22, 80${close}` };
    const { json } = await bench.tensorDock('POST', '/client/deploy/single', { ...form, ...ports });
    expect(json).toMatchObject({ success: true, ip: '127.0.0.1', port_forwards: { [ssh]: '22', [web]: '80' } });
    // 0.37 for the GPU, 4 × 0.003 and 16 × 0.002 for vCPUs and RAM, 100 × 0.00005 for storage.
    expect(json.cost).toEqual({ total_price: 0.419, compute_price: 0.414, storage_price: 0.005 });
    const fresh = (await bench.tensorDock('GET', `/client/deploy/hostnodes/${form.hostnode}`)).json.hostnode;
    expect(fresh.networking.ports).not.toContain(ssh);
  });

  it.each([
    [{ external_ports: '{1}' }, 200, 'External port 1 is not available'],
    [{ internal_ports: '{22, 80}' }, 200, 'must match'],
    [{ gpu_count: '9' }, 200, 'insufficient capacity'],
    [{ ram: '5000' }, 200, 'insufficient capacity'],
    [{ hostnode: 'gone' }, 200, 'Hostnode unavailable'],
    [{ operating_system: 'Plan 9' }, 200, 'Invalid operating system'],
    [{ hostnode: '', deployment_type: 'network', gpu_model: 'abacus' }, 200, 'available'],
    [{ name: '' }, 400, 'Missing required parameter: name'],
    [{ price_type: 'spot', price: '0.01' }, 200, 'Bid price is too low'],
  ])('TensorDock reports the failed deploy %j, mostly with status 200', async (change, status, error) => {
    const bench = await openBench();
    const failed = await bench.tensorDock('POST', '/client/deploy/single', { ...(await formFor(bench)), ...change });
    expect([failed.status, failed.json]).toEqual([status, { success: false, error: expect.stringContaining(error) }]);
    expect(bench.sims.ledger().left.instances).toBe(0);
  });

  it('TensorDock reports a sold-out host with status 200', async () => {
    const bench = await openBench({ faults: [{ kind: 'out-of-capacity', vendor: 'tensordock' }] });
    const failed = await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench));
    expect([failed.status, failed.json.success, failed.json.error]).toEqual([
      200,
      false,
      expect.stringContaining('Hostnode unavailable'),
    ]);
  });

  it('an accepted TensorDock order that fails leaves no virtual machine', async () => {
    const bench = await openBench({ faults: [{ kind: 'accepted-then-failed', vendor: 'tensordock' }] });
    expect((await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench))).json.success).toBe(true);
    await bench.clock.advance(10);
    expect((await bench.tensorDock('POST', '/client/list')).json.virtualmachines).toEqual({});
    expect(bench.sims.ledger().left.instances).toBe(0);
  });

  it('TensorDock selects a host for a network deployment', async () => {
    const bench = await openBench();
    const { hostnode: _hostnode, external_ports: _external, internal_ports: _internal, ...form } = await formFor(bench);
    const made = await bench.tensorDock('POST', '/client/deploy/single', { ...form, deployment_type: 'network' });
    expect(made.json.success).toBe(true);
    const none = await bench.tensorDock('POST', '/client/deploy/single', {
      ...form,
      deployment_type: 'network',
      gpu_count: '64',
    });
    expect(none.json).toEqual({ success: false, error: 'No available nodes found' });
  });
});

describe('virtual machines', () => {
  it('TensorDock lists virtual machines by uuid, returns one under a plural name, and reports Running at once', async () => {
    const bench = await openBench();
    const { server } = (await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench))).json;
    const { virtualmachines } = (await bench.tensorDock('POST', '/client/list')).json;
    expect(virtualmachines).toMatchObject({ [server]: { name: 'gpuc-test', status: 'Running', default_user: 'user' } });
    expect(virtualmachines[server].timestamp_creation).toMatch(/GMT$/);
    const one = (await bench.tensorDock('POST', '/client/get/single', { server })).json;
    expect(one).toEqual({ success: true, virtualmachines: virtualmachines[server] });
    expect((await bench.tensorDock('POST', '/client/get/single', { server: 'x' })).json).toEqual({
      success: false,
      error: 'Server not found',
    });
  });

  it('a deleted TensorDock virtual machine is gone at once, and a second delete says that it is already terminated', async () => {
    const bench = await openBench();
    const form = await formFor(bench);
    const { server } = (await bench.tensorDock('POST', '/client/deploy/single', form)).json;
    expect((await bench.tensorDock('POST', '/client/delete/single', { server })).json).toEqual({ success: true });
    const again = await bench.tensorDock('POST', '/client/delete/single', { server });
    expect(again.json).toEqual({ success: false, error: expect.stringContaining('already terminated') });
    expect((await bench.tensorDock('POST', '/client/delete/single', { server: 'unknown' })).status).toBe(404);
    await bench.clock.advance(10);
    expect(bench.sims.ledger().left.instances).toBe(0);
    // GPU and port are free again.
    expect((await bench.tensorDock('POST', '/client/deploy/single', form)).json.success).toBe(true);
  });

  it('TensorDock takes server_id for server and Python’s booleans, and shows no dedicated address as null', async () => {
    const bench = await openBench();
    const { server: server_id } = (await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench))).json;
    const one = async () => (await bench.tensorDock('POST', '/client/get/single', { server_id })).json.virtualmachines;
    expect((await one()).dedicated_ip_address).toBeNull();
    const stop = { server_id, disassociate_resources: 'False' };
    expect((await bench.tensorDock('POST', '/client/stop/single', stop)).json).toEqual({ success: true });
    expect((await one()).status).toBe('Stopped');
    expect((await bench.tensorDock('POST', '/client/delete/single', { server_id })).json.success).toBe(true);
  });

  it('a stopped TensorDock virtual machine is billed in full, or for storage only with disassociate_resources', async () => {
    const bench = await openBench();
    const { server } = (await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench))).json;
    await bench.clock.advance(10);
    const hour = async () => {
      const before = bench.sims.ledger().dollars;
      await bench.clock.advance(3600);
      return bench.sims.ledger().dollars - before;
    };
    const status = async () => (await bench.tensorDock('POST', '/client/list')).json.virtualmachines[server].status;
    await bench.tensorDock('POST', '/client/stop/single', { server });
    expect([await status(), await hour()]).toEqual(['Stopped', expect.closeTo(0.419)]);
    await bench.tensorDock('POST', '/client/start/single', { server });
    await bench.clock.advance(10);
    await bench.tensorDock('POST', '/client/stop/single', { server, disassociate_resources: 'true' });
    expect([await status(), await hour()]).toEqual(['StoppedDisassociated', expect.closeTo(0.005)]);
    expect((await bench.tensorDock('POST', '/client/start/single', { server })).json.success).toBe(true);
  });

  it('a TensorDock virtual machine can be modified only while it is stopped', async () => {
    const bench = await openBench();
    const { server } = (await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench))).json;
    await bench.clock.advance(10);
    const modify = () => bench.tensorDock('POST', '/client/modify/single', { server, vcpus: '8' });
    expect((await modify()).json.success).toBe(false);
    await bench.tensorDock('POST', '/client/stop/single', { server });
    expect((await modify()).json.success).toBe(true);
    expect((await bench.tensorDock('POST', '/client/get/single', { server })).json.virtualmachines.specs.vcpus).toBe(8);
  });
});

describe('requests', () => {
  it('TensorDock rejects a JSON body', async () => {
    const { sims } = await openBench();
    const { TENSORDOCK_API_KEY: api_key, TENSORDOCK_API_TOKEN: api_token } = sims.tensordock.env;
    const refused = await send(
      sims,
      'tensordock',
      'POST',
      '/api/v0/client/list',
      JSON.stringify({ api_key, api_token }),
      {},
    );
    expect([refused.status, refused.json]).toEqual([
      400,
      { success: false, error: 'Parameters must be sent as form data' },
    ]);
  });

  it('TensorDock reports wrong credentials with status 200 in auth/test, and with 401 elsewhere', async () => {
    const { tensorDock } = await openBench();
    expect((await tensorDock('POST', '/auth/test')).json).toEqual({ success: true });
    const wrong = await tensorDock('POST', '/auth/test', { api_token: 'wrong' });
    expect([wrong.status, wrong.json.success]).toEqual([200, false]);
    expect((await tensorDock('POST', '/client/list', { api_token: 'wrong' })).status).toBe(401);
  });

  it('TensorDock serves the balance and validates spot bids', async () => {
    const bench = await openBench();
    await bench.tensorDock('POST', '/client/deploy/single', await formFor(bench));
    const { json } = await bench.tensorDock('POST', '/billing/balance');
    expect(json).toMatchObject({ success: true, balance: 1000, hourly_cost: expect.closeTo(0.419) });
    const form = await formFor(bench);
    const bid = async (price: string) =>
      (await bench.tensorDock('POST', '/client/spot/validate/new', { ...form, price })).json.success;
    expect([await bid('0.3'), await bid('0.01')]).toEqual([true, false]);
  });
});

it('TensorDock containers can be deployed, scaled, and stopped', async () => {
  const { tensorDock, sims } = await openBench();
  const { container_id } = (await tensorDock('POST', '/client/container/deploy', { name: 'c', image: 'nginx' })).json;
  await tensorDock('POST', '/client/container/scale', { container_id, replicas: '3' });
  const { TENSORDOCK_API_KEY: key, TENSORDOCK_API_TOKEN: token } = sims.tensordock.env;
  const path = `/client/container/${container_id}/replicas?api_key=${key}&api_token=${token}`;
  expect((await tensorDock('GET', path)).json.result).toHaveLength(3);
  expect((await tensorDock('POST', '/client/container/stop', { container_id })).json).toEqual({ success: true });
  expect((await tensorDock('GET', path)).status).toBe(404);
});
