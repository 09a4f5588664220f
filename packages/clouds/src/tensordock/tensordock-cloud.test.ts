import { describe, expect, it } from 'vitest';
import { hastyClock } from '../../test/hasty-clock.ts';
import { orderFrom } from '../../test/offer.ts';
import { recordedVendor } from '../../test/recorded-vendor.ts';
import { createCloud } from '../create-clouds.ts';

const deploy = 'POST /api/v0/client/deploy/single';
const node = 'GET /api/v0/client/deploy/hostnodes/node';

function setUp(replies: Parameters<typeof recordedVendor>[0]) {
  const vendor = recordedVendor(replies);
  const env = {
    TENSORDOCK_API_KEY: 'key',
    TENSORDOCK_API_TOKEN: 'token',
    TENSORDOCK_BASE_URL: 'https://tensordock.test',
  };
  return { vendor, cloud: createCloud('tensordock', { env, fetch: vendor.fetch, clock: hastyClock }) };
}

const withPorts = (...ports: number[]) => ({ json: { success: true, hostnode: { networking: { ports } } } });
const deployed = { json: { success: true, server: 'vm', ip: 'h', port_forwards: { 20001: '22' }, cost: {} } };
const order = orderFrom(
  'tensordock',
  { hostnode: 'node', gpuModel: 'h100-sxm5-80gb' },
  { vcpus: 8, memory: 32, storage: 100 },
);
const machine = {
  name: 'gpuc-a-r-0',
  status: 'Running',
  default_user: 'user',
  hostname: '203.0.113.7',
  total_price: '0.443',
  country: 'US',
  state: 'DE',
  city: 'W',
  timestamp_creation: 'Sat, 10 Dec 2022 21:38:19 GMT',
  port_forwards: { 60098: '22' },
};

describe('tensorDockCloud', () => {
  it('deploys what was offered, with SSH on a free port of the hostnode, a key and no password', async () => {
    const { vendor, cloud } = setUp({ [node]: withPorts(20_001), [deploy]: deployed });
    expect(await cloud.createInstance(order)).toEqual({ id: 'vm' });
    const { body } = vendor.only(deploy);
    expect(body).toMatchObject({
      deployment_type: 'local',
      hostnode: 'node',
      gpu_model: 'h100-sxm5-80gb',
      gpu_count: '1',
      vcpus: '8',
      ram: '32',
      storage: '100',
      name: 'gpuc-a-r-0',
      ssh_key: 'ssh-ed25519 AAAA test',
      external_ports: '{20001}',
      internal_ports: '{22}',
    });
    expect(body).not.toHaveProperty('password');
  });

  it('deploys the larger disk that was ordered', async () => {
    const { vendor, cloud } = setUp({ [node]: withPorts(20_001), [deploy]: deployed });
    await cloud.createInstance({ ...order, storage: 300 });
    expect(vendor.only(deploy).body).toMatchObject({ storage: '300' });
  });

  it('spreads instances over the ports, the same instance name on the same port', async () => {
    const ports = Array.from({ length: 50 }, (_, index) => 20_000 + index);
    const portOf = async (name: string) => {
      const { vendor, cloud } = setUp({ [node]: withPorts(...ports), [deploy]: deployed });
      await cloud.createInstance({ ...order, name });
      return vendor.only(deploy).body.external_ports;
    };
    expect(await portOf('gpuc-a-r-0')).toBe(await portOf('gpuc-a-r-0'));
    const names = Array.from({ length: 10 }, (_, index) => `gpuc-a-run${index}-0`);
    expect(new Set(await Promise.all(names.map(portOf))).size).toBeGreaterThan(5);
  });

  it.each([
    ['is gone', { json: { success: false, error: 'Hostnode not found' } }],
    ['has no port left', withPorts()],
  ])('takes a hostnode that %s for sold out, and deploys nothing', async (_, reply) => {
    const { vendor, cloud } = setUp({ [node]: reply });
    await expect(cloud.createInstance(order)).rejects.toMatchObject({ kind: 'no-capacity', mayHaveTakenEffect: false });
    expect(vendor.sent.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    {},
    { server: null },
    { server: '' },
    { server: {} },
    { server: 'Deployment queued' },
    { server: 0.5 },
    { error: 'queued' },
  ])(
    'createInstance reports that TensorDock may have created a server when the answer has no ID: %j',
    async (answer) => {
      const { cloud } = setUp({ [node]: withPorts(20_001), [deploy]: { json: { success: true, ...answer } } });
      await expect(cloud.createInstance(order)).rejects.toMatchObject({
        kind: 'unavailable',
        mayHaveTakenEffect: true,
        message: expect.stringContaining('Search the list for the name'),
      });
    },
  );

  it('the ID of a TensorDock server that comes as a number is the one in the list', async () => {
    const { cloud } = setUp({
      [node]: withPorts(20_001),
      [deploy]: { json: { success: true, server: 1001 } },
      'POST /api/v0/client/list': { json: { success: true, virtualmachines: { 1001: machine } } },
    });
    const { id } = await cloud.createInstance(order);
    expect((await cloud.listInstances()).map((instance) => instance.id)).toEqual([id]);
  });

  it.each(['virtualmachines', 'virtualmachine'])('reads an instance under the key %s', async (key) => {
    const { cloud } = setUp({ 'POST /api/v0/client/get/single': { json: { success: true, [key]: machine } } });
    expect(await cloud.getInstance('vm')).toEqual({
      vendor: 'tensordock',
      id: 'vm',
      name: 'gpuc-a-r-0',
      status: 'running',
      vendorStatus: 'Running',
      region: 'US, DE, W',
      pricePerHour: 0.443,
      createdAt: '2022-12-10T21:38:19.000Z',
      volumeIds: [],
      ssh: { host: '203.0.113.7', port: 60_098, user: 'user' },
    });
  });

  it('goes to an instance with an address of its own on port 22', async () => {
    const own = { ...machine, dedicated_ip_address: '198.51.100.9' };
    const { cloud } = setUp({ 'POST /api/v0/client/list': { json: { success: true, virtualmachines: { vm: own } } } });
    expect(await cloud.listInstances()).toMatchObject([{ id: 'vm', ssh: { host: '198.51.100.9', port: 22 } }]);
  });

  it('says nowhere to log in while no port forwards to 22', async () => {
    const closed = { ...machine, status: 'Deploying', port_forwards: {} };
    const { cloud } = setUp({
      'POST /api/v0/client/list': { json: { success: true, virtualmachines: { vm: closed } } },
    });
    const [instance] = await cloud.listInstances();
    expect(instance).toMatchObject({ status: 'provisioning' });
    expect(instance).toMatchObject({ ssh: undefined });
  });

  it('does not take a delete that failed for reasons of its own for done', async () => {
    const { cloud } = setUp({
      'POST /api/v0/client/delete/single': { json: { success: false, error: 'Hypervisor busy' } },
    });
    await expect(cloud.deleteInstance('vm')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
