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
  expect(said.split('\n')).toEqual([
    'acme: specs/acme/published.yaml differs from HEAD: 0 breaking, 2 additive, 1 docs only',
    '  3 of 3 patches apply',
    '  additive:',
    '    components.schemas.Machine: properties.disk: added; affects Machine, listMachines()',
    '    components.schemas.Disk: added; affects Disk, listMachines()',
    '  docs only:',
    '    POST /machines: summary: "Create a machine" -> "Rent a machine"; affects createMachine()',
    '  generated names added: Disk, Machine.disk',
    'acme: 3 operations, 9 of 9 files written',
  ]);
  await workshop.commit();
  expect((await workshop.generate()).said).toBe('acme: 3 operations, up to date');
});

test('the upgrade report names removed operations and schemas, and the generated names that go with them', async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor('published', ...withDisk);
  await workshop.commit();
  await workshop.doctor('published', withDisk[1], withDisk[0]);
  await workshop.doctor('published', '/key/check', '/key/verify');
  const { said } = await workshop.generate();
  expect(said).toContain('components.schemas.Disk: removed');
  expect(said).toContain('/key/check: removed; affects checkKey()');
  expect(said).toContain('/key/verify: added; affects checkKey()');
  expect(said).toContain('generated names removed: Disk, Machine.disk');
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
  expect(said).toContain('1 of 3 patches apply');
  expect(said).toMatch(/already fixed upstream: actions\[2\]/);
  expect(said).toContain('nothing was written. Delete or edit actions[0], actions[2] as reported above.');
  expect(await workshop.read(specFile)).toBe(before);
});

test('a change below a place that a patch replaces names the patch', async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor('published', 'enum: [running, stopped]', 'enum: [running, stopped, paused]');
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(true);
  expect(said).toContain(
    'components.schemas.Machine: properties.status.enum["paused"]: added, "paused"; changed under actions[0], actions[1]: review',
  );
});

test('a removal and the update that fills the place again are already fixed together', async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor(
    'published',
    'status: { type: string, enum: [running, stopped] }',
    'status: { x-open-enum: true, anyOf: [{ type: string, enum: [running, stopped] }, { type: string }] }',
  );
  const { fine, reports } = await workshop.generate();
  expect(fine).toBe(false);
  expect(reports[0]?.patches.map(({ verdict }) => verdict)).toEqual([
    'already fixed upstream',
    'already fixed upstream',
    'applies',
  ]);
});

test('a new server URL is breaking and becomes the default base URL', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.read('packages/acme/src/generated/operations.ts')).toContain(
    'export const serverUrl = "https://api.acme.test";',
  );
  await workshop.doctor('published', 'https://api.acme.test', 'https://eu.acme.test');
  const { said } = await workshop.generate();
  expect(said).toContain('  breaking:\n    servers[0].url: "https://api.acme.test" -> "https://eu.acme.test"');
  expect(said).toContain('default base URL: https://api.acme.test -> https://eu.acme.test');
  expect(await workshop.read('packages/acme/src/generated/operations.ts')).toContain(
    'export const serverUrl = "https://eu.acme.test";',
  );
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
  expect(said).toContain('POST /key/check: operationId: removed, "checkKey"');
  expect(said).toContain('operation-operationId');
});

const retryAfter = `overlay: 1.1.0
info: { title: Acme patches, version: 1.0.0 }
actions:
  - target: $.paths[*][?@.operationId].responses['4XX']
    x-matches: 3
    x-reason: Nobody says how long to wait.
    x-evidence: the vendor's changelog
    x-grade: A
    update: { headers: { Retry-After: { schema: { type: integer } } } }
  - target: $.paths['/key/check'].post.responses['4XX'].headers['Retry-After']
    x-reason: Nobody says in what unit.
    x-evidence: the vendor's changelog
    x-grade: A
    update: { description: In seconds. }
`;

test('an action that loses a match is stale, names the node, and still counts for the actions after it', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('specs/acme/overlay.yaml', retryAfter);
  expect(await workshop.generate()).toMatchObject({ fine: true });
  await workshop.doctor('published', '        4XX: { description: Not so }\n', '');
  const { fine, said, reports } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toMatch(/no longer fits: actions\[0\] .*2 nodes instead of 3/);
  expect(said).toContain('no longer selected: POST /machines: responses.4XX');
  expect(said).not.toContain('set x-matches');
  expect(reports[0]?.patches.map(({ verdict }) => verdict)).toEqual(['no longer fits', 'applies']);
  expect(reports[0]?.changes.map(({ at }) => at)).toEqual(['POST /machines: responses.4XX']);
});

test('an action that matches more than before lists the newly selected nodes', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('specs/acme/overlay.yaml', retryAfter);
  await workshop.doctor(
    'published',
    '  /key/check:\n',
    '  /disks:\n    get: { operationId: listDisks, responses: { 4XX: { description: No } } }\n  /key/check:\n',
  );
  const { said } = await workshop.generate();
  expect(said).toMatch(
    /no longer fits: actions\[0\] .*4 nodes instead of 3.*newly selected: GET \/disks: responses\.4XX/,
  );
});

test('an action by position that would patch another node says which', async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor(
    'published',
    '      parameters:\n',
    '      parameters:\n        - { name: limit, in: query, schema: { type: integer } }\n',
  );
  const { said } = await workshop.generate();
  expect(said).toContain('newly selected: GET /machines: parameters[limit in query]');
  expect(said).toContain('no longer selected: GET /machines: parameters[cursor in query]');
});

test('operations of a path item that is a reference are generated and reported', async () => {
  await using workshop = await Workshop.open();
  const text = await workshop.read('specs/acme/published.yaml');
  const item = text.slice(text.indexOf('  /key/check:\n') + '  /key/check:\n'.length, text.indexOf('components:\n'));
  const shared = text
    .replace(item, "    $ref: '#/components/pathItems/KeyCheck'\n")
    .replace('components:\n', `components:\n  pathItems:\n    KeyCheck:\n${item.replaceAll(/^/gm, '  ').trimEnd()}\n`);
  await workshop.write('specs/acme/published.yaml', shared);
  await workshop.commit();
  expect(await workshop.generate()).toMatchObject({ fine: true, said: 'acme: 3 operations, 9 of 9 files written' });
  expect(await workshop.read('packages/acme/src/generated/methods.ts')).toContain('checkKey: Method');
  await workshop.doctor('published', 'summary: Check the key', 'summary: Test the key');
  expect((await workshop.generate()).said).toContain(
    'components.pathItems.KeyCheck: post.summary: "Check the key" -> "Test the key"; affects KeyCheck, checkKey()',
  );
});
