import { describe, expect, it } from 'vitest';
import { openBench, send } from '../../test/api.ts';
import { publicKey } from '../../test/key-pair.ts';

const order = { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any', instanceName: 'gpuc-test' };

describe('launching', () => {
  it('Massed Compute returns a uuid on launch, and the address before the instance has booted', async () => {
    const { massed, clock } = await openBench();
    const made = await massed('POST', '/instance/launch', order);
    expect([made.status, made.json]).toEqual([202, { response: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
    const shown = async () => (await massed('GET', `/instance/${made.json.response}`)).json.runningInstance;
    expect(await shown()).toMatchObject({ status: 'rented', os_booted: 0, ip: '' });
    await clock.advance(5);
    expect(await shown()).toMatchObject({ status: 'booting', os_booted: 0, ip: expect.stringMatching(/^127\./) });
    await clock.advance(5);
    expect(await shown()).toMatchObject({ name: 'gpuc-test', status: 'Running', os_booted: 1, username: 'Ubuntu' });
  });

  it('Massed Compute returns the password in plain text', async () => {
    const { massed } = await openBench();
    await massed('POST', '/instance/launch', order);
    const [instance] = (await massed('GET', '/instance')).json.runningInstances;
    expect(instance.password).toMatch(/^[0-9a-f]{12}$/);
  });

  it.each([
    [{ imageId: 999 }, 422, 'VM Image not found'],
    [{ imageId: 23 }, 422, 'Product does not support the VM Image'],
    [{ imageId: undefined }, 422, "required property 'imageId'"],
    [{ productName: 'gpu_1x_abacus' }, 422, 'Product not found'],
    [{ productName: 'gpu_1x_a6000_internal' }, 403, 'not available'],
    [{ regionName: 'moon-1' }, 422, 'Region not found'],
    [{ sshKeys: ['nobody'] }, 422, 'SSH key not found'],
  ])('Massed Compute rejects the launch %j', async (change, status, message) => {
    const { massed, sims } = await openBench();
    const refused = await massed('POST', '/instance/launch', { ...order, ...change });
    expect([refused.status, refused.json.message]).toEqual([status, expect.stringContaining(message)]);
    expect(sims.ledger().left.instances).toBe(0);
  });

  it('Massed Compute launches in a named region and responds 409 when it is sold out', async () => {
    const { massed } = await openBench({ catalog: { 'massed-compute': { gpu_1x_a6000: { available: 1 } } } });
    expect((await massed('POST', '/instance/launch', { ...order, regionName: 'us-central-2' })).status).toBe(202);
    const soldOut = await massed('POST', '/instance/launch', { ...order, regionName: 'us-central-2' });
    expect([soldOut.status, soldOut.json.message]).toEqual([409, expect.stringContaining('capacity')]);
    expect(
      (await massed('GET', '/gpu-inventory')).json.gpu_inventory.gpu_1x_a6000.regions_with_capacity_available,
    ).toEqual([{ name: 'us-central-3', description: 'Des Moines, IA' }]);
  });
});

it('Massed Compute terminates batches repeatedly without an error, and responds 404 to an unknown id', async () => {
  const { massed, clock, sims } = await openBench();
  const uuids = [];
  for (let i = 0; i < 2; i++) uuids.push((await massed('POST', '/instance/launch', order)).json.response);
  await clock.advance(10);
  for (let i = 0; i < 2; i++) {
    const ended = await massed('POST', '/instance/terminate', { instanceUuids: uuids });
    expect(ended.status).toBe(202);
    expect(ended.json.response.data.terminated_instances).toMatchObject(
      uuids.map((id) => ({ id, status: 'terminated' })),
    );
    // Termination ends billing.
    expect(sims.ledger().left.instances).toBe(0);
    await clock.advance(10);
  }
  expect((await massed('GET', '/instance')).json).toEqual({ runningInstances: [] });
  expect((await massed('GET', `/instance/${uuids[0]}`)).json).toEqual({ runningInstances: [] });
  expect(
    (await massed('POST', '/instance/terminate', { instanceUuids: ['5f65bf99-4275-4c4c-af24-7aa10c49a601'] })).status,
  ).toBe(404);
  expect(sims.ledger().left.instances).toBe(0);
});

it('a restarted Massed Compute instance is booting, then running', async () => {
  const { massed, clock } = await openBench();
  const { response } = (await massed('POST', '/instance/launch', order)).json;
  await clock.advance(10);
  const restarted = await massed('POST', '/instance/restart', { instanceUuids: [response] });
  expect([restarted.status, restarted.json.response]).toMatchObject([202, [{ id: response, status: 'booting' }]]);
  expect((await massed('GET', `/instance/${response}`)).json.runningInstance).toMatchObject({ os_booted: 0 });
  await clock.advance(10);
  expect((await massed('GET', `/instance/${response}`)).json.runningInstance).toMatchObject({
    status: 'Running',
    os_booted: 1,
  });
});

it('the Massed Compute inventory has spot products, internal products with price 0, and products without a capacity', async () => {
  const { massed } = await openBench();
  const { gpu_inventory } = (await massed('GET', '/gpu-inventory')).json;
  expect(gpu_inventory.gpu_1x_a6000_spot.instance_type).toMatchObject({
    description: '1x RTX A6000 [Spot]',
    price_cents_per_hour: 34,
  });
  expect(gpu_inventory.gpu_1x_a6000_internal.instance_type.price_cents_per_hour).toBe(0);
  expect(gpu_inventory.gpu_1x_l40.capacity_available).toBeUndefined();
});

it('Massed Compute key names are unique and without hyphens, and deleting an unknown key is not an error', async () => {
  const { massed, sims } = await openBench();
  const made = await massed('POST', '/ssh-keys', { name: 'k', publicKey });
  expect([made.status, made.json.sshKey]).toMatchObject([200, { name: 'k', public_key: publicKey }]);
  expect((await massed('POST', '/ssh-keys', { name: 'k', publicKey })).status).toBe(422);
  expect((await massed('POST', '/ssh-keys', { name: 'my-key', publicKey })).status).toBe(422);
  expect((await massed('POST', '/instance/launch', { ...order, sshKeys: ['k'] })).status).toBe(202);
  expect((await massed('DELETE', `/ssh-keys/${made.json.sshKey.id}`)).status).toBe(200);
  expect((await massed('DELETE', `/ssh-keys/${made.json.sshKey.id}`)).status).toBe(200);
  expect(sims.ledger().left.keys).toBe(0);
});

it('Massed Compute requires a bearer token and serves billing and coupons', async () => {
  const { massed, sims } = await openBench();
  expect((await send(sims, 'massed-compute', 'GET', '/instance', undefined, {})).status).toBe(401);
  expect((await massed('POST', '/account/token/validation')).json).toEqual({ message: 'Valid Token' });
  expect((await massed('GET', '/account/billing')).json.billingMethod).toBe('creditcard');
  expect((await massed('POST', '/coupon/information', { coupon: 'TestCoupon' })).json.coupon.code).toBe('TestCoupon');
  expect((await massed('POST', '/coupon/information', { coupon: 'none' })).status).toBe(404);
  const { productDetails } = (await massed('POST', '/coupon/accepted-products', { coupon: 'TestCoupon' })).json
    .couponValidation;
  expect(productDetails).toContainEqual(expect.objectContaining({ name: 'gpu_1x_a6000', inventoryAvailable: true }));
});

it('Massed Compute serves the setup recipes that its MCP server reads', async () => {
  const { massed } = await openBench();
  const [recipe] = (await massed('GET', '/recipes')).json.recipes;
  expect(recipe).toMatchObject({ slug: 'install-docker', title: 'Install Docker', tags: ['docker'] });
  expect((await massed('GET', '/recipes/search?query=Docker')).json.recipes).toEqual([recipe]);
  expect((await massed('GET', '/recipes/search?query=nginx')).json.recipes).toEqual([]);
  expect((await massed('GET', '/recipes/install-docker')).json.recipe).toMatchObject({
    ...recipe,
    body: expect.any(String),
  });
  expect((await massed('GET', '/recipes/unknown')).status).toBe(404);
});
