import { expect, it } from 'vitest';
import { openBench } from '../../test/api.ts';

const disk = { type: 'NVMe', location_code: 'FIN-01', size: 60, name: 'data' };
const order = {
  instance_type: '1A6000.10V',
  image: 'ubuntu-24.04',
  hostname: 'h',
  description: 'd',
  location_code: 'FIN-01',
};

it('a Verda volume can be trashed, restored, and deleted permanently, and a second delete is a 204', async () => {
  const { verda, sims } = await openBench();
  const { status, text: id } = await verda('POST', '/volumes', disk);
  expect([status, id]).toEqual([202, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  expect((await verda('DELETE', `/volumes/${id}`)).status).toBe(202);
  expect((await verda('DELETE', `/volumes/${id}`)).status).toBe(204);
  expect((await verda('GET', `/volumes/${id}`)).json).toMatchObject({
    status: 'deleted',
    is_permanently_deleted: false,
  });
  expect((await verda('PUT', '/volumes', { action: 'restore', id })).status).toBe(202);
  expect(sims.ledger().left.volumes).toBe(1);
  expect((await verda('DELETE', `/volumes/${id}`, { is_permanent: true })).status).toBe(202);
  expect((await verda('GET', `/volumes/${id}`)).json.is_permanently_deleted).toBe(true);
  expect(sims.ledger().left.volumes).toBe(0);
});

it('a Verda clone returns the ids of the new volumes, and other volume actions return no body', async () => {
  const { verda } = await openBench();
  const { text: id } = await verda('POST', '/volumes', disk);
  const cloned = await verda('PUT', '/volumes', { action: 'clone', id, name: 'copy' });
  expect([cloned.status, cloned.json]).toEqual([202, [expect.stringMatching(/^[0-9a-f-]{36}$/)]]);
  const renamed = await verda('PUT', '/volumes', { action: 'rename', id, name: 'other' });
  expect([renamed.status, renamed.text]).toEqual([202, '']);
  await verda('PUT', '/volumes', { action: 'resize', id, size: 80 });
  expect((await verda('GET', `/volumes/${id}`)).json).toMatchObject({ name: 'other', size: 80 });
  expect((await verda('PUT', '/volumes', { action: 'resize', id, size: 70 })).status).toBe(400);
  expect((await verda('PUT', '/volumes', { action: 'clone', id, type: 'Tape' })).status).toBe(400);
});

it('a Verda volume can be attached and detached only while its instance is shut down', async () => {
  const { verda, clock } = await openBench();
  const { text: id } = await verda('POST', '/volumes', disk);
  const { text: instance_id } = await verda('POST', '/instances', order);
  await clock.advance(10);
  const attach = { action: 'attach', id, instance_id };
  const refused = await verda('PUT', '/volumes', attach);
  expect([refused.status, refused.json.message]).toEqual([
    403,
    'One or more of the specified instances is not shut down',
  ]);
  await verda('PUT', '/instances', { action: 'shutdown', id: instance_id });
  expect((await verda('PUT', '/volumes', attach)).status).toBe(202);
  expect((await verda('GET', `/volumes/${id}`)).json).toMatchObject({
    status: 'attached',
    instance_id,
    instances: [{ id: instance_id }],
  });
  expect((await verda('PUT', '/volumes', { action: 'detach', id })).status).toBe(202);
});

it('Verda volumes and instances carry tags with lower-case keys, each key once, at most ten', async () => {
  const { verda } = await openBench();
  const { text: volume } = await verda('POST', '/volumes', { ...disk, tags: [{ key: 'Team', value: 'ml' }] });
  const { text: instance } = await verda('POST', '/instances', order);
  for (const path of [`/volumes/${volume}`, `/instances/${instance}`]) {
    const { status, json } = await verda('POST', `${path}/tags`, { key: 'Env', value: 'prod' });
    expect([status, json]).toEqual([201, { id: expect.any(String), key: 'env', value: 'prod' }]);
    expect((await verda('POST', `${path}/tags`, { key: 'ENV' })).status).toBe(409);
    expect((await verda('GET', path)).json.tags).toContainEqual(json);
    expect((await verda('DELETE', `${path}/tags/env`)).status).toBe(204);
    expect((await verda('DELETE', `${path}/tags/env`)).status).toBe(404);
  }
  expect((await verda('GET', '/volumes')).json[0].tags).toMatchObject([{ key: 'team', value: 'ml' }]);
  for (let i = 1; i < 10; i++)
    expect((await verda('POST', `/volumes/${volume}/tags`, { key: `k${i}` })).status).toBe(201);
  expect((await verda('POST', `/volumes/${volume}/tags`, { key: 'one-too-many' })).status).toBe(400);
  expect((await verda('POST', '/volumes/unknown/tags', { key: 'k' })).status).toBe(404);
});

it('Verda returns one instance type by name, and has the images and types that other tools name', async () => {
  const { verda } = await openBench();
  // gpuhunt, which makes its catalog from the live API, knows the GPU by this text.
  const gpu = { description: '8x B300 SXM6 268GB' };
  // SkyPilot tells the A100s apart by their model, and drops "Tesla" from it.
  expect((await verda('GET', '/instance-types/1A100.22V')).json).toMatchObject({ model: 'A100 80GB' });
  expect((await verda('GET', '/instance-types/8B300.240V')).json).toMatchObject({ instance_type: '8B300.240V', gpu });
  expect((await verda('GET', '/instance-types/1X.1V')).status).toBe(400);
  for (const image of ['2088da25-bb0d-41cc-a191-dccae45d96fd', '2404f580-1300-1111-82b3-f199fb9b701b'])
    expect((await verda('POST', '/instances', { ...order, image })).status).toBe(202);
});
