import { expect, it } from 'vitest';
import { contractRefusal, contractVersion } from './contract-version.ts';

it.each(['1.4', '1.3'])('a worker of contract version 1.4 accepts inputs of version %s', (version) => {
  expect(contractRefusal(version, '1.4')).toBeUndefined();
});

it.each(['1.2', '1.5', '2.4', '0.3', '', 'newest'])(
  'a worker of contract version 1.4 refuses inputs of version "%s"',
  (version) => {
    expect(contractRefusal(version, '1.4')).toBe(
      `The input has contract version ${version}, and this worker accepts 1.4 and 1.3. Use releases of @gpu-clouds/jobs and @gpu-clouds/workflows that fit together.`,
    );
  },
);

it('an input without a contract version counts as 1.0', () => {
  expect(contractRefusal(undefined, '1.1')).toBeUndefined();
  expect(contractRefusal(undefined, '1.2')).toContain('version 1.0');
  expect(contractRefusal(contractVersion)).toBeUndefined();
});
