import { expect, test } from 'vitest';
import { acmeRules, Workshop } from './__fixtures__/acme.ts';

const generated = 'packages/acme/src/generated';

test('generate writes the patched document, six source files, METHODS.md, and PATCHES.md', async () => {
  await using workshop = await Workshop.open();
  expect(await workshop.generate()).toMatchObject({ fine: true, said: 'acme: 3 operations, 9 of 9 files written' });
  expect(await workshop.read('specs/acme/openapi.yaml')).toContain('x-open-enum: true');
  expect(JSON.parse(await workshop.read(`${generated}/openapi.json`))).toMatchObject({ openapi: '3.1.0' });
});

test('generating twice changes no file', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.generate()).toMatchObject({ fine: true, said: 'acme: 3 operations, up to date' });
});

test('every generated TypeScript file starts with the command, the published document, and its digest', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  for (const name of ['types', 'operations', 'methods', 'examples', 'answers']) {
    const [command, document, digest] = (await workshop.read(`${generated}/${name}.ts`)).split('\n');
    expect(command).toContain('`pnpm generate acme`');
    expect(document).toBe('// From specs/acme/published.yaml');
    expect(digest).toMatch(/^\/\/ sha256 [0-9a-f]{64}$/);
  }
});

test('the type of an open enum lists the known values and accepts any string', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.read(`${generated}/types.ts`)).toContain('status: "running" | "stopped" | (string & {});');
});

test('generated types omit body credentials, and the patched document keeps them', async () => {
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

test('the operation table has the method, path, body, security, and paging of each operation', async () => {
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

test("the TSDoc of a method has the vendor's description, escaped", async () => {
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

test("default mock responses are composed of the schemas' examples", async () => {
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

test('--check writes nothing and prints a diff of stale files', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  await workshop.write(`${generated}/operations.ts`, 'edited by hand\n');
  const { fine, said } = await workshop.generate({ check: true });
  expect(fine).toBe(false);
  expect(said).toContain(`--- ${generated}/operations.ts`);
  expect(said).toContain('-edited by hand');
  expect(said).toContain('+export const operations = {');
  expect(said).toContain('Run `pnpm generate acme` and commit');
  expect(await workshop.read(`${generated}/operations.ts`)).toBe('edited by hand\n');
});

test('--check passes after generation', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  expect(await workshop.generate({ check: true })).toMatchObject({
    fine: true,
    said: 'acme: 3 operations, up to date',
  });
});

test.each([
  ['an overlay with invalid YAML', 'overlay', 'overlay: 1.1.0', 'overlay: [', /overlay\.yaml:\d+:\d+/],
  [
    'a published document without paths',
    'published',
    'paths:\n',
    'pfade:\n',
    /published\.yaml is not an OpenAPI document/,
  ],
  ['a document of another version', 'published', 'openapi: 3.1.0', 'openapi: 3.0.3', /The document is OpenAPI 3\.0\.3/],
  ['an action without evidence', 'overlay', "    x-evidence: the vendor's changelog\n", '', /x-evidence missing/],
  [
    'an action that matches nothing',
    'overlay',
    '$.components.schemas.Machine.',
    '$.components.schemas.Machin.',
    /actions\[0\].*matches nothing/,
  ],
  ['a document with a lint warning', 'published', ', license: { name: MIT, identifier: MIT }', '', /warn info-license/],
  [
    'an example that violates its schema',
    'published',
    'type: string, example: m-1 }',
    'type: string, example: 1 }',
    /schema\/example: .*must be string/,
  ],
  [
    'an operation with an invalid operationId',
    'published',
    'operationId: checkKey',
    'operationId: "check[0]"',
    /operationId "check\[0\]" is not a valid method name/,
  ],
  [
    'a page rule that no longer fits',
    'published',
    'name: cursor, in: query',
    'name: after, in: query',
    /listMachines no longer fits its page rule/,
  ],
  [
    'a rule for an operation that does not exist',
    'published',
    'operationId: checkKey',
    'operationId: testKey',
    /rules for operations that the document lacks: checkKey/,
  ],
  [
    'body credentials that the document lacks',
    'published',
    'required: [api_key]\n      properties: { api_key: {',
    'required: [key]\n      properties: { key: {',
    /has no api_key/,
  ],
] as const)('%s is one error message, and generate writes nothing', async (_, file, from, to, message) => {
  await using workshop = await Workshop.open();
  await workshop.doctor(file, from, to);
  const { fine, said } = await workshop.generate();
  expect(fine).toBe(false);
  expect(said).toMatch(message);
  expect(said).not.toMatch(/^\s+at /m);
  await expect(workshop.read('specs/acme/openapi.yaml')).rejects.toThrow('ENOENT');
});

test('--check lints a patched document even if the same text is already there', async () => {
  await using workshop = await Workshop.open();
  await workshop.generate();
  const file = `${generated}/openapi.json`;
  const { info, ...rest } = JSON.parse(await workshop.read(file));
  // As if the linter had become stricter since the document was written.
  await workshop.doctor('published', ', license: { name: MIT, identifier: MIT }', '');
  await workshop.commit();
  const unlinted = `${JSON.stringify({ openapi: rest.openapi, info: { title: info.title, version: info.version }, ...rest }, null, 2)}\n`;
  await workshop.write(file, unlinted);
  expect((await workshop.generate({ check: true })).said).toContain('warn info-license');
  expect((await workshop.generate()).said).toMatch(/^acme: 3 operations, \d of 9 files written$/);
  expect(await workshop.read(file)).toBe(unlinted);
});

test('an operation that looks paged requires a page rule', async () => {
  await using workshop = await Workshop.open();
  const { fine, said } = await workshop.generate({ vendors: [{ ...acmeRules, pages: [] }] });
  expect(fine).toBe(false);
  expect(said).toContain('listMachines looks paged (query parameter "cursor") but has no page rule');
});

test('an error in one vendor does not stop the generation of the others', async () => {
  await using workshop = await Workshop.open();
  const { fine, said } = await workshop.generate({ vendors: [{ ...acmeRules, vendor: 'nobody' }, acmeRules] });
  expect(fine).toBe(false);
  expect(said).toContain('nobody: specs/nobody/published.yaml is missing.');
  expect(said).toContain('acme: 3 operations, 9 of 9 files written');
});
