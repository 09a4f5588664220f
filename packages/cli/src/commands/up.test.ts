import { expect, it } from 'vitest';
import { failed } from './up.ts';

it('up says that an instance is gone only if there was one', () => {
  const end = { why: 'failed', kind: 'no-capacity', message: 'verda has no H100.' } as const;
  expect(failed(end)).toBe('failed, and its instance is gone. no-capacity: verda has no H100.');
  expect(failed({ ...end, neverExisted: true })).toBe(
    'failed, and no instance was created. no-capacity: verda has no H100.',
  );
});
