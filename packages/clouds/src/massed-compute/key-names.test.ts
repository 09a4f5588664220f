import { expect, it } from 'vitest';
import { formatInstanceName } from '../instance-name.ts';
import { instanceNameOfKey, keyName } from './key-names.ts';

const name = formatInstanceName({ fleet: 'prod', run: 'train7', ordinal: 2, deadline: Date.UTC(2026, 0, 1) });

it('names a key with letters and digits only, and finds its instance name again', () => {
  expect(keyName(name)).toMatch(/^[A-Za-z0-9]+$/);
  expect(instanceNameOfKey(keyName(name))).toBe(name);
});

it.each(['XPS laptop', 'deployX', 'my-key'])('leaves the key %s, which is not ours, under its own name', (name) => {
  expect(instanceNameOfKey(name)).toBe(name);
});
