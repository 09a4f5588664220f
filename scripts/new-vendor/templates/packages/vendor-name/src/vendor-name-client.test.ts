import { afterEach, expect, test, vi } from 'vitest';
import { examples } from './generated/examples.ts';
import { operations } from './generated/operations.ts';
import { createVendorName } from './index.ts';
import { handlers } from './msw.ts';

afterEach(() => vi.unstubAllEnvs());

test('createVendorName has a method for each operation', () => {
  expect(createVendorName({ apiKey: 'the-key' })).toMatchObject(
    Object.fromEntries(Object.keys(operations).map((name) => [name, expect.any(Function)])),
  );
});

test('createVendorName names a missing credential', () => {
  vi.stubEnv('VENDOR_NAME_API_KEY', '');
  expect(() => createVendorName()).toThrow('Set the environment variable VENDOR_NAME_API_KEY');
});

test('every operation has an example and a handler that sends it', () => {
  expect(Object.keys(examples).sort()).toEqual(Object.keys(operations).sort());
  expect(handlers()).toHaveLength(Object.keys(operations).length);
});
