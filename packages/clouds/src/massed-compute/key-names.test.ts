import { expect, it } from 'vitest';
import { instanceLabel } from '../label.ts';
import { keyName, labelOfKey } from './key-names.ts';

const label = instanceLabel({ deployment: 'prod', run: 'train7', ordinal: 2 });

it('names a key with letters and digits only, and finds its label again', () => {
  expect(keyName(label)).toMatch(/^[A-Za-z0-9]+$/);
  expect(labelOfKey(keyName(label))).toBe(label);
});

it.each(['XPS laptop', 'deployX', 'my-key'])('leaves the key %s, which is not ours, under its own name', (name) => {
  expect(labelOfKey(name)).toBe(name);
});
