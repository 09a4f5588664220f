import type { LeaseSummary } from '@gpu-clouds/jobs';
import { expect, it } from 'vitest';
import { checkExtensible } from './extend.ts';

const ready: LeaseSummary = {
  id: 'gpuc-dev-0v5g-0',
  name: 'mine',
  fleet: 'dev',
  state: 'ready',
  startedAt: new Date(),
};

it('extend refuses a lease that is being destroyed by its name, and says what to do', () => {
  expect(() => checkExtensible({ ...ready, state: 'destroying' })).toThrow(
    'The lease "mine" is being destroyed. Run "gpu-clouds up" for another one.',
  );
});

it('extend refuses a lease that has ended, and says why it has', () => {
  expect(() => checkExtensible({ ...ready, state: 'released', endedAt: new Date() })).toThrow(
    'The lease "mine" has ended: released. Run "gpu-clouds up" for another one.',
  );
});

it('extend accepts a lease that lives', () => {
  expect(() => checkExtensible(ready)).not.toThrow();
});
