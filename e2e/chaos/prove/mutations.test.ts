import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { faultClasses } from '../faults/index.ts';
import { edited } from './mutated-copy.ts';
import { mutations } from './mutations.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const edits = mutations.flatMap(({ defect, edits }) => edits.map((edit) => [defect, edit] as const));

it.each(edits)('the edit for the defect "%s" matches the source exactly once', async (_defect, edit) => {
  await expect(edited(root, edit)).resolves.toContain(edit.after);
});

it('each defect of --prove has its own description', () => {
  expect(new Set(mutations.map(({ defect }) => defect)).size).toBe(mutations.length);
});

it('each fault class brings at least one defect of --prove to light', () => {
  const struck = new Set<string | undefined>(mutations.map(({ fault }) => fault));
  expect(faultClasses.filter((fault) => !struck.has(fault))).toEqual([]);
});
