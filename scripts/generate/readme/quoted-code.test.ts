import { expect, test } from 'vitest';
import { Workshop } from '../__fixtures__/acme.ts';
import { quotedCode } from './quoted-code.ts';

test('a file without a region is quoted in full', async () => {
  await using workshop = await Workshop.open();
  await workshop.write('examples/rent.ts', 'rent();\n');
  expect(await quotedCode(workshop.root, 'code rent.ts')).toBe('```ts\nrent();\n```');
});

test('a file with a shown region is quoted without the rest', async () => {
  await using workshop = await Workshop.open();
  await workshop.write(
    'examples/a/rent.ts',
    'declare const id: string;\n// #region shown\n\nrent(id);\n// #endregion\nend();',
  );
  expect(await quotedCode(workshop.root, 'code a/rent.ts')).toBe('```ts\nrent(id);\n```');
});

test('quoting a missing file or a region without an end is an error that names the file', async () => {
  await using workshop = await Workshop.open();
  await expect(quotedCode(workshop.root, 'code rent.ts')).rejects.toThrow(
    'examples/rent.ts is quoted but does not exist.',
  );
  await workshop.write('examples/rent.ts', '// #region shown\nrent();\n');
  await expect(quotedCode(workshop.root, 'code rent.ts')).rejects.toThrow(
    'examples/rent.ts: The shown region has no end.',
  );
});

test('a part that is not code is undefined', async () => {
  expect(await quotedCode('/nowhere', 'methods')).toBeUndefined();
});
