import { expect, it } from 'vitest';
import { keepSecondsIn } from './retention.ts';

it('GPU_CLOUDS_KEEP is a duration, and without it everything is kept', () => {
  expect(keepSecondsIn({ GPU_CLOUDS_KEEP: '30d' })).toBe(30 * 86_400);
  expect([keepSecondsIn({}), keepSecondsIn({ GPU_CLOUDS_KEEP: '' })]).toEqual([undefined, undefined]);
});

it.each(['30', 'a month', '0d', '-1d'])(
  'GPU_CLOUDS_KEEP=%s is refused, so that no run is removed by mistake',
  (keep) => {
    expect(() => keepSecondsIn({ GPU_CLOUDS_KEEP: keep })).toThrow(
      `GPU_CLOUDS_KEEP is "${keep}". Use a duration such as 30d`,
    );
  },
);
