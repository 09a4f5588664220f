import { expect, test } from 'vitest';
import { Workshop } from './__fixtures__/acme.ts';

/** Gives machines a disk, described by a schema of its own. */
const withDisk = [
  '    Machine:\n      type: object\n      required: [id, status]\n      properties:\n',
  "    Disk: { type: object }\n    Machine:\n      type: object\n      required: [id, status]\n      properties:\n        disk: { $ref: '#/components/schemas/Disk' }\n",
] as const;
const specFile = 'specs/acme/openapi.yaml';

test('a newer document that the overlay still fits is reported and generated', async () => {
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
  expect(said).toContain('published.yaml is not the document that specs/acme/openapi.yaml was made from');
  expect(said).toContain('applies: actions[0] $.components.schemas.Machine.properties.status');
  expect(said).toContain('operation changed: POST /machines: summary');
  expect(said).toContain('schema added: Disk');
  expect(said).toMatch(/acme: 3 operations, 8 of 8 files written$/);
  expect((await workshop.generate()).said).toBe('acme: 3 operations, up to date');
});

test('operations and schemas that are gone are named', async () => {
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

test('patches that are stale are listed with what to do about each, and nothing is written', async () => {
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
  expect(said).toMatch(/matches nothing: actions\[0\] .*the patch's reason: New states come without notice\./);
  expect(said).toContain('applies: actions[1]');
  expect(said).toMatch(/already fixed upstream: actions\[2\]/);
  expect(said).toContain('nothing was written: delete or edit, as said above, actions[0], actions[2].');
  expect(await workshop.read(specFile)).toBe(before);
});

test('an operation that nobody has named yet is reported before it is refused', async () => {
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

test('a patch that matches another number of places is stale, without each of the places counting as changed', async () => {
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
