import { expect, it } from 'vitest';
import { CloudError, type CloudErrorKind, isTransient } from './cloud-error.ts';

const failure = (kind: CloudErrorKind) =>
  new CloudError('x', { kind, vendor: 'verda', operation: 'x', mayHaveTakenEffect: false });

it.each<[CloudErrorKind, boolean]>([
  ['rate-limited', true],
  ['unavailable', true],
  ['conflict', false],
  ['unauthorized', false],
])('isTransient of a CloudError %s is %s', (kind, transient) => {
  expect(isTransient(failure(kind))).toBe(transient);
});

it.each([{ kind: 'unavailable' }, new Error('x'), 'unavailable', null, undefined])(
  '%s is neither a CloudError nor transient',
  (error) => {
    expect(CloudError.isInstance(error)).toBe(false);
    expect(isTransient(error)).toBe(false);
  },
);

it('a CloudError of another copy of the package is an instance', () => {
  expect(CloudError.isInstance({ [Symbol.for('@gpu-clouds/clouds/CloudError')]: true })).toBe(true);
});

it('a CloudError shows its name and no mark in its own properties', () => {
  expect(String(failure('quota'))).toBe('CloudError: x');
  expect(Object.getOwnPropertySymbols({ ...failure('quota') })).toEqual([]);
});
