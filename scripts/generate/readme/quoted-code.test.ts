import { expect, test } from 'vitest';
import { Workshop } from '../__fixtures__/acme.ts';
import { quotedCode } from './quoted-code.ts';

test('a file is quoted as it is', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('examples/rent.ts', 'rent();\n');
  expect(await quotedCode(workshop.root, 'code rent.ts')).toBe('```ts\nrent();\n```');
});

test('only the shown region of a file is quoted, where it has one', async () => {
  await using workshop = await Workshop.open();
  await workshop.write(
    'examples/a/rent.ts',
    'declare const id: string;\n// #region shown\n\nrent(id);\n// #endregion\nend();',
  );
  expect(await quotedCode(workshop.root, 'code a/rent.ts')).toBe('```ts\nrent(id);\n```');
});

test('a file that is not there, or a region without an end, is an error that names it', async () => {
  await using workshop = await Workshop.open();
  await expect(quotedCode(workshop.root, 'code rent.ts')).rejects.toThrow(
    'examples/rent.ts, which is quoted, does not exist.',
  );
  await workshop.write('examples/rent.ts', '// #region shown\nrent();\n');
  await expect(quotedCode(workshop.root, 'code rent.ts')).rejects.toThrow(
    'examples/rent.ts: the region that is shown never ends',
  );
});

test('another part is none of it', async () => {
  expect(await quotedCode('/nowhere', 'methods')).toBeUndefined();
});
