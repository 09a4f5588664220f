import { expect, test } from 'vitest';
import { acmeRules, Workshop } from './__fixtures__/acme.ts';

const generated = 'packages/acme/src/generated';

test('a vendor gets its patched document, six files and the lists of its README', async () => {
  await using workshop = await Workshop.open();
  expect(await workshop.generate()).toEqual({ fine: true, said: 'acme: 3 operations, 8 of 8 files written' });
  expect(await workshop.read('specs/acme/openapi.yaml')).toContain('x-open-enum: true');
  expect(JSON.parse(await workshop.read(`${generated}/openapi.json`))).toMatchObject({ openapi: '3.1.0' });
});

test('generating twice changes nothing', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.generate()).toEqual({ fine: true, said: 'acme: 3 operations, up to date' });
});

test('every TypeScript file names the command, the published document and its digest', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  for (const name of ['types', 'operations', 'methods', 'examples', 'answers']) {
    const [command, document, digest] = (await workshop.read(`${generated}/${name}.ts`)).split('\n');
    expect(command).toContain('`pnpm generate acme`');
    expect(document).toBe('// From specs/acme/published.yaml');
    expect(digest).toMatch(/^\/\/ sha256 [0-9a-f]{64}$/);
  }
});

test('an open enum is offered in full and takes any text', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.read(`${generated}/types.ts`)).toContain('status: "running" | "stopped" | (string & {});');
});

test('credentials in a body are no arguments', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  const types = await workshop.read(`${generated}/types.ts`);
  expect(types).not.toContain('api_key');
  expect(types).not.toContain('Credentials');
  const checkKey = types.slice(types.indexOf('checkKey: {'));
  expect(checkKey).toContain('requestBody?: never;');
  expect(types).toContain('name: string;');
  expect(await workshop.read('specs/acme/openapi.yaml')).toContain('api_key');
});

test('the operation table says how each operation travels', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  const operations = await workshop.read(`${generated}/operations.ts`);
  expect(operations).toContain(
    'listMachines: { method: "GET", path: "/machines", security: [], repeatable: true, pages: { style: "cursor", cursor: "cursor", next: "next_cursor", items: "data" } },',
  );
  expect(operations).toContain(
    'checkKey: { method: "POST", path: "/key/check", body: "application/x-www-form-urlencoded", security: ["form"], repeatable: true },',
  );
});

test("methods carry the vendor's words, which cannot end their comment or start a tag in it", async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.read(`${generated}/methods.ts`)).toContain(`export interface AcmeMethods {
  /**
   * List machines
   *
   * All of them, *\\/ even these.
   * \\@everyone reads this.
   *
   * \`GET /machines\`
   */
  listMachines: PagedMethod<operations['listMachines'], 'data'>;
  /**
   * Create a machine
   *
   * \`POST /machines\`
   *
   * @deprecated
   */
  createMachine: Method<operations['createMachine']>;`);
});

test('default answers come from the examples of the schemas', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  const text = await workshop.read(`${generated}/examples.ts`);
  const table: unknown = JSON.parse(
    text
      .slice(text.indexOf('= {') + 2, text.indexOf(' satisfies'))
      .replaceAll(/^ {2}(\w+):/gm, '"$1":')
      .replace(/,\s*}$/, '}'),
  );
  expect(table).toEqual({
    listMachines: {
      status: 200,
      contentType: 'application/json',
      body: { data: [{ id: 'm-1', status: 'running' }], next_cursor: 'string' },
    },
    createMachine: { status: 201, contentType: 'text/plain', body: 'm-1' },
    checkKey: { status: 204 },
  });
});

test('--check writes nothing and shows what is stale as a diff', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  await workshop.write(`${generated}/operations.ts`, 'edited by hand\n');
  const { fine, said } = await workshop.generate({ check: true });
  expect(fine).toBe(false);
  expect(said).toContain(`--- ${generated}/operations.ts`);
  expect(said).toContain('-edited by hand');
  expect(said).toContain('+export const operations = {');
  expect(said).toContain('run `pnpm generate acme` and commit');
  expect(await workshop.read(`${generated}/operations.ts`)).toBe('edited by hand\n');
});

test('--check is content with what generation wrote', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.generate({ check: true })).toEqual({ fine: true, said: 'acme: 3 operations, up to date' });
});

test.each([
  ['an overlay that is no YAML', 'overlay', 'overlay: 1.1.0', 'overlay: [', /overlay\.yaml:\d+:\d+/],
  ['a published document without paths', 'published', 'paths:\n', 'pfade:\n', /published\.yaml is no OpenAPI document/],
  ['a document of another version', 'published', 'openapi: 3.1.0', 'openapi: 3.0.3', /it is OpenAPI 3\.0\.3/],
  ['a patch without evidence', 'overlay', "    x-evidence: the vendor's changelog\n", '', /x-evidence missing/],
  [
    'a patch that matches nothing',
    'overlay',
    '$.components.schemas.Machine.',
    '$.components.schemas.Machin.',
    /actions\[0\].*matches nothing/,
  ],
  [
    'a document that lint warns about',
    'published',
    ', license: { name: MIT, identifier: MIT }',
    '',
    /warn info-license/,
  ],
  [
    'an example that its schema rejects',
    'published',
    'type: string, example: m-1 }',
    'type: string, example: 1 }',
    /schema\/example: .*must be string/,
  ],
  [
    'an operation without a good name',
    'published',
    'operationId: checkKey',
    'operationId: "check[0]"',
    /"check\[0\]"; it becomes a method/,
  ],
  [
    'a page rule that no longer fits',
    'published',
    'name: cursor, in: query',
    'name: after, in: query',
    /listMachines no longer fits its page rule/,
  ],
  [
    'a rule for an operation that is gone',
    'published',
    'operationId: checkKey',
    'operationId: testKey',
    /rules for checkKey, not in the document/,
  ],
  [
    'credentials the document does not have',
    'published',
    'required: [api_key]\n      properties: { api_key: {',
    'required: [key]\n      properties: { key: {',
    /has no api_key/,
  ],
] as const)('%s is one clear message, and nothing is written', async (_, file, from, to, message) => {
  await using workshop = await Workshop.open();
  await workshop.doctor(file, from, to);
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toMatch(message);
  expect(said).not.toMatch(/^\s+at /m);
  await expect(workshop.read('specs/acme/openapi.yaml')).rejects.toThrow('ENOENT');
});

test('an operation that looks paged needs a rule', async () => {
  await using workshop = await Workshop.open();
  const { fine, said } = await workshop.generate({ vendors: [{ ...acmeRules, pages: [] }] });
  expect(fine).toBe(false);
  expect(said).toContain('listMachines looks paged (query parameter "cursor") and has no page rule');
});

test('one vendor in trouble does not keep the others from being generated', async () => {
  await using workshop = await Workshop.open();
  const { fine, said } = await workshop.generate({ vendors: [{ ...acmeRules, vendor: 'nobody' }, acmeRules] });
  expect(fine).toBe(false);
  expect(said).toContain('nobody: specs/nobody/published.yaml is missing.');
  expect(said).toContain('acme: 3 operations, 8 of 8 files written');
});
