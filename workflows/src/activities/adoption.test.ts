import { CloudError, type Instance } from '@gpu-clouds/clouds/pure';
import { expect, it } from 'vitest';
import { findAdoptable, mayFollowCreate, mayHaveTakenEffect } from './adoption.ts';

const listed = (name: string): Instance => ({
  vendor: 'verda',
  id: name,
  name,
  status: 'running',
  vendorStatus: 'running',
  volumeIds: [],
});

it('a create adopts the instance of its owner, whatever its deadline, and no other', () => {
  const others = ['gpuc-a-r-10-htj01', 'gpuc-ab-r-1-htj01', 'gpuc-a-r-1-copy'].map(listed);
  const own = listed('gpuc-a-r-1-htj01');
  expect(findAdoptable([...others, own], 'gpuc-a-r-1-htj02')).toBe(own);
  expect(findAdoptable(others, 'gpuc-a-r-1-htj02')).toBeUndefined();
});

it('a create is preceded by another unless the attempt before it is known to have left nothing', () => {
  expect(mayFollowCreate(1, undefined)).toBe(false);
  expect(mayFollowCreate(2, undefined)).toBe(true);
  expect(mayFollowCreate(2, 1)).toBe(false);
  expect(mayFollowCreate(3, 1)).toBe(true);
  expect(mayFollowCreate(3, 2)).toBe(false);
});

it('a failed create may have taken effect unless the vendor refused it', () => {
  const failure = (mayHave: boolean) =>
    new CloudError('x', {
      kind: 'unavailable',
      vendor: 'verda',
      operation: 'createInstance',
      mayHaveTakenEffect: mayHave,
    });
  expect([failure(true), failure(false), new Error('killed')].map(mayHaveTakenEffect)).toEqual([true, false, true]);
});
