import { expect, test } from 'vitest';
import { ownErrors } from './type-check.ts';

const foreign = `node_modules/msw/lib/index.d.ts(75,10): error TS2552: Cannot find name 'ResponseType'.
  A line that goes on about it.`;

test('errors in the declarations of other projects do not count', () => {
  expect(ownErrors(`${foreign}\n${foreign}\n`)).toEqual([]);
});

test.each([
  "clients.ts(20,47): error TS2339: Property 'next' does not exist.\n  Because of this.",
  "node_modules/@gpu-clouds/core/dist/index.d.ts(1,2): error TS2307: Cannot find module './x.ts'.",
  "error TS5023: Unknown compiler option 'moduleResolutoin'.",
  'Segmentation fault',
])('%s is ours', (error) => {
  expect(ownErrors(`${foreign}\n${error}\n${foreign}`)).toEqual([error]);
});

test('a compiler that fails without output is a problem', () => {
  expect(ownErrors('')).toHaveLength(1);
});
