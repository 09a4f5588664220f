import { expect, test } from 'vitest';
import { Workshop } from './__fixtures__/acme.ts';

/** Gives machines a disk, described by a schema of its own. */
const withDisk = [
  '    Machine:\n      type: object\n      required: [id, status]\n      properties:\n',
  "    Disk: { type: object }\n    Machine:\n      type: object\n      required: [id, status]\n      properties:\n        disk: { $ref: '#/components/schemas/Disk' }\n",
] as const;
const specFile = 'specs/acme/openapi.yaml';

test('a newer published document that fits the overlay is reported and generated', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  await workshop.doctor(
    'published',
    'operationId: createMachine\n      summary: Create a machine',
    'operationId: createMachine\n      summary: Rent a machine',
  );
  await workshop.doctor('published', ...withDisk);
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(true);
  expect(said).toContain('published.yaml changed since specs/acme/openapi.yaml was generated');
  expect(said).toContain('applies: actions[0] $.components.schemas.Machine.properties.status');
  expect(said).toContain('operation changed: POST /machines: summary');
  expect(said).toContain('schema added: Disk');
  expect(said).toMatch(/acme: 3 operations, 9 of 9 files written$/);
  expect((await workshop.generate()).said).toBe('acme: 3 operations, up to date');
});

test('the upgrade report names removed operations and schemas', async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor('published', ...withDisk);
  await workshop.generate();
  await workshop.doctor('published', withDisk[1], withDisk[0]);
  await workshop.doctor('published', '/key/check', '/key/verify');
  const { said } = await workshop.generate();
  expect(said).toContain('schema removed: Disk');
  expect(said).toContain('operation removed: POST /key/check');
  expect(said).toContain('operation added: POST /key/verify');
});

test('the upgrade report lists stale actions, and generate writes nothing', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  const before = await workshop.read(specFile);
  await workshop.doctor(
    'published',
    'name: cursor, in: query,',
    'name: cursor, in: query, description: From the page before.,',
  );
  await workshop.doctor('published', '        status: { type: string, enum: [running, stopped] }\n', '');
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toMatch(/matches nothing: actions\[0\] .*the patch's reason: The vendor adds states without notice\./);
  expect(said).toContain('applies: actions[1]');
  expect(said).toMatch(/already fixed upstream: actions\[2\]/);
  expect(said).toContain('nothing was written. Delete or edit actions[0], actions[2] as reported above.');
  expect(await workshop.read(specFile)).toBe(before);
});

test('an added operation without an operationId is reported before it is an error', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  await workshop.doctor(
    'published',
    '/key/check:\n    post:\n      operationId: checkKey\n',
    '/key/check:\n    post:\n',
  );
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toContain('operation changed: POST /key/check: operationId');
  expect(said).toContain('operation-operationId');
});

test('an action with a wrong match count is stale, and its places do not count as changed', async () => {
  await using workshop = await Workshop.open();
  await workshop.write(
    'specs/acme/overlay.yaml',
    `overlay: 1.1.0
info: { title: Acme patches, version: 1.0.0 }
actions:
  - target: $.paths[*][?@.operationId].responses['4XX']
    x-matches: 3
    x-reason: Nobody says how long to wait.
    x-evidence: the vendor's changelog
    x-grade: A
    update: { headers: { Retry-After: { schema: { type: integer } } } }
`,
  );
  expect(await workshop.generate()).toMatchObject({ fine: true });
  await workshop.doctor('published', '        4XX: { description: Bad }\n', '');
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toMatch(/no longer fits: actions\[0\] .*2 nodes instead of 3/);
  expect(said.match(/operation changed: .*/g)).toEqual(['operation changed: POST /key/check: responses.4XX']);
});
