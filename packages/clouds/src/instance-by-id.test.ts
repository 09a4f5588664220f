import { describe, expect, it } from 'vitest';
import { answering } from '../test/answering.ts';
import type { Replies } from '../test/recorded-vendor.ts';
import type { Vendor } from './cloud.ts';

const name = 'gpuc-a-r-0';
const tensorDockReply = (answer: unknown): Replies => ({
  'POST /api/v0/client/get/single': { json: { success: true, virtualmachines: answer } },
});

/** How a vendor answers the request for the instance `a`, and the instance as its document has it. */
const vendors: readonly {
  readonly vendor: Vendor;
  readonly row: Readonly<Record<string, unknown>>;
  readonly reply: (answer: unknown) => Replies;
}[] = [
  {
    vendor: 'verda',
    row: { id: 'a', hostname: name, status: 'running', ip: '192.0.2.1', os_volume_id: null, volume_ids: [] },
    reply: (answer) => ({ 'GET /v1/instances/a': { json: answer }, 'GET /v1/volumes': { json: [] } }),
  },
  {
    vendor: 'gpu-ai',
    row: { id: 'a', name, status: 'running', connection: null },
    reply: (answer) => ({ 'GET /instances/a': { json: answer } }),
  },
  {
    vendor: 'massed-compute',
    row: { uuid: 'a', name, status: 'Running', os_booted: 1, ip: '192.0.2.1' },
    reply: (answer) => ({ 'GET /instance/a': { json: { runningInstance: answer } } }),
  },
  { vendor: 'tensordock', row: { name, status: 'Running' }, reply: tensorDockReply },
];

const noInstances: readonly (readonly [unknown])[] = [
  [{ error: 'database failover' }],
  [{ message: 'x' }],
  [[{}]],
  [[null]],
  ['x'],
  [''],
  [7],
  [true],
];

describe.each(vendors)('getInstance at $vendor', ({ vendor, row, reply }) => {
  it.each(noInstances)('takes %j neither for an instance nor for the absence of one', async (answer) => {
    const { cloud } = answering(vendor, reply(answer));
    await expect(cloud.getInstance('a')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it.each([
    ['as documented', (full: object) => full],
    ['in a list of one', (full: object) => [full]],
    ['without its status', (full: object) => ({ ...full, status: undefined })],
    ['with null for its status', (full: object) => ({ ...full, status: null })],
  ])('shows an instance %s', async (_, change) => {
    const { cloud } = answering(vendor, reply(change(row)));
    expect(await cloud.getInstance('a')).toMatchObject({ id: 'a', name });
  });
});

const withIds = vendors.filter(({ vendor }) => vendor !== 'tensordock');

describe.each(withIds)('getInstance at $vendor, which answers with the ID,', ({ vendor, row, reply }) => {
  it('takes an empty object neither for an instance nor for the absence of one', async () => {
    const { cloud } = answering(vendor, reply({}));
    await expect(cloud.getInstance('a')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('takes no other instance for the one that was asked for', async () => {
    const other = { ...row, id: 'b', uuid: 'b' };
    const { cloud } = answering(vendor, reply(other));
    await expect(cloud.getInstance('a')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it.each([
    ['by its ID alone', { name: undefined, hostname: undefined }, { name: '' }],
    ['by its name alone', { id: undefined, uuid: undefined }, { name }],
  ])('knows the instance %s', async (_, change, expected) => {
    const { cloud } = answering(vendor, reply({ ...row, ...change }));
    expect(await cloud.getInstance('a')).toMatchObject({ id: 'a', ...expected });
  });
});

describe('getInstance at tensordock', () => {
  it.each<readonly [unknown]>([[{}], [[]]])('takes the empty map %j for an unknown server', async (answer) => {
    const { cloud } = answering('tensordock', tensorDockReply(answer));
    expect(await cloud.getInstance('a')).toBeUndefined();
  });

  it('reads a map from the ID to the server', async () => {
    const machine = { name, status: 'Running', hostname: '192.0.2.1', port_forwards: { 60098: '22' } };
    const { cloud } = answering('tensordock', tensorDockReply({ a: machine }));
    const ssh = { host: '192.0.2.1', port: 60_098, user: 'user' };
    expect(await cloud.getInstance('a')).toMatchObject({ id: 'a', name, status: 'running', ssh });
  });

  it.each<readonly [unknown]>([[{ b: { name } }], [{ a: {} }], [{ a: null }], [null], [undefined]])(
    'takes %j neither for a server nor for the absence of one',
    async (answer) => {
      const { cloud } = answering('tensordock', tensorDockReply(answer));
      await expect(cloud.getInstance('a')).rejects.toMatchObject({ kind: 'unavailable' });
    },
  );
});

it('deleteInstance at verda is sent although the instance cannot be read', async () => {
  const { recorded, cloud } = answering('verda', {
    'GET /v1/instances/a': { json: { error: 'x' } },
    'PUT /v1/instances': { status: 204 },
  });
  expect(await cloud.deleteInstance('a')).toMatchObject({ accepted: true });
  expect(recorded.only('PUT /v1/instances').body).toEqual({ action: 'delete', id: 'a' });
});
