import { expect, test } from 'vitest';
import { acmeReadme, Workshop } from '../__fixtures__/acme.ts';

const file = 'packages/acme/README.md';

async function generated(workshop: Workshop): Promise<string> {
  await workshop.generate();
  return workshop.read(file);
}

test('a README lists each method with a line of the vendor, its request and what to know of it', async () => {
  await using workshop = await Workshop.open();
  const text = await generated(workshop);
  expect(text).toContain('| `listMachines` | List machines; paged; no credentials | `GET /machines` |');
  expect(text).toContain('| `createMachine` | Create a machine; **deprecated**; never sent twice | `POST /machines` |');
  expect(text).toContain('| `checkKey` | Check the key; safe to repeat | `POST /key/check` |');
});

test("a limit that the vendor's text gives is in the list", async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor(
    'published',
    '@everyone reads this.',
    'It is rate limited to 120 requests per minute per project.',
  );
  expect(await generated(workshop)).toContain('; at most 120 requests per minute per project |');
});

test('a README lists each correction once, with its reason, its evidence and its grade', async () => {
  await using workshop = await Workshop.open();
  const text = await generated(workshop);
  expect(text).toContain('3 corrections.');
  expect(text).toContain('<summary>Schemas: 2</summary>');
  expect(text).toContain(
    "| `Machine.properties.status` `Machine.properties` | New states come without notice. | the vendor's changelog | A |",
  );
  expect(text).toContain("| `listMachines parameters[0]` | Nobody says what it is. | the vendor's changelog | A |");
});

test('"As above" is said in full, since a list is read from its middle', async () => {
  await using workshop = await Workshop.open();
  await workshop.doctor('overlay', 'Nobody says what it is.', 'As above.');
  expect(await generated(workshop)).toContain('| `listMachines parameters[0]` | New states come without notice. |');
});

test('an edited list fails the check, and an edited sentence does not', async () => {
  await using workshop = await Workshop.open();
  const text = await generated(workshop);
  await workshop.write(file, text.replace('# Acme', '# Acme, the cloud'));
  expect(await workshop.generate({ check: true })).toMatchObject({ fine: true });
  await workshop.write(file, text.replace('List machines', 'All machines'));
  const { fine, said } = await workshop.generate({ check: true });
  expect(fine).toBe(false);
  expect(said).toContain('-| `listMachines` | All machines');
});

test('a README whose code is not quoted, or that is missing, is one sentence', async () => {
  await using workshop = await Workshop.open();
  await workshop.write(file, `${acmeReadme}\n\`\`\`ts\nrent();\n\`\`\`\n`);
  expect((await workshop.generate()).said).toMatch(
    /^acme: packages\/acme\/README\.md:9: this code is compiled by nobody/,
  );
});

test('the READMEs that are no vendor quote code too, and are checked for it', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('examples/readme/core/call.ts', 'call();\n');
  await workshop.write(
    'packages/core/README.md',
    '<!-- generated: code readme/core/call.ts -->\n<!-- /generated -->\n',
  );
  const { said } = await workshop.generate({ readmes: true });
  expect(said).toContain('READMEs: 1 besides those of vendors, 1 of 1 files written');
  expect(await workshop.read('packages/core/README.md')).toContain('```ts\ncall();\n```');
  await workshop.write('examples/readme/core/call.ts', 'callAgain();\n');
  expect(await workshop.generate({ readmes: true, check: true })).toMatchObject({ fine: false });
});
