import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetPrefix, formatInstanceName, parseInstanceName } from './instance-name.ts';

const jobDeployments = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const plainRuns = fc.stringMatching(/^[a-z1-9][a-z0-9]{0,25}$/);
const ordinals = fc.integer({ min: 0, max: 9999 });

describe('formatInstanceName', () => {
  it('shows a short run as it is', () => {
    expect(formatInstanceName({ fleet: 'default', run: 'x7k2', ordinal: 3 })).toBe('gpuc-default-x7k2-3');
  });

  it('is a valid name of at most 49 characters for any run whatsoever', () => {
    fc.assert(
      fc.property(jobDeployments, fc.string({ unit: 'binary' }), ordinals, (fleet, run, ordinal) => {
        const name = formatInstanceName({ fleet: fleet, run, ordinal });
        expect(name).toMatch(/^[a-z][a-z0-9-]{0,47}[a-z0-9]$/);
        expect(name.length).toBeLessThanOrEqual(49);
        expect(parseInstanceName(name)).toMatchObject({ fleet, ordinal });
      }),
    );
  });

  it('parses back into its parts', () => {
    fc.assert(
      fc.property(jobDeployments, plainRuns, ordinals, (fleet, run, ordinal) => {
        expect(parseInstanceName(formatInstanceName({ fleet: fleet, run, ordinal }))).toEqual({
          fleet,
          run,
          ordinal,
        });
      }),
    );
  });

  it('replaces a run that cannot stand in a name by its hash, the same every time', () => {
    // 0 and the first 16 characters of the SHA-256 in base32, made with coreutils and Python.
    expect(formatInstanceName({ fleet: 'ci', run: 'Nightly build #7', ordinal: 0 })).toBe(
      'gpuc-ci-0wiwgo5evi4imjc2f-0',
    );
  });

  it('tells apart runs that differ only in what a name cannot hold', () => {
    const name = (run: string) => formatInstanceName({ fleet: 'ci', run, ordinal: 0 });
    expect(new Set(['a-b', 'a_b', 'A-B', 'ab'].map(name)).size).toBe(4);
  });

  it('never gives a run the instance name of another, not even when its id is what the other is hashed to', () => {
    const shown = (run: string) => parseInstanceName(formatInstanceName({ fleet: 'ci', run, ordinal: 0 }))?.run ?? '';
    fc.assert(
      fc.property(fc.oneof(plainRuns, fc.string()), (run) => {
        for (const id of [shown(run), shown(run).slice(1)]) {
          if (id !== run) expect(shown(id)).not.toBe(shown(run));
        }
      }),
    );
  });

  it.each(['', 'Prod', 'a-b', 'thirteenchars', 'a b'])('refuses the fleet %j and says what is allowed', (fleet) => {
    expect(() => formatInstanceName({ fleet: fleet, run: 'r', ordinal: 0 })).toThrow(
      /1 to 12 lower-case letters and digits/,
    );
  });

  it.each([-1, 1.5, Number.NaN, 10_000])('refuses the ordinal %d', (ordinal) => {
    expect(() => formatInstanceName({ fleet: 'a', run: 'r', ordinal })).toThrow(RangeError);
  });
});

describe('parseInstanceName', () => {
  it('never gives one fleet what belongs to another', () => {
    const ofAb = formatInstanceName({ fleet: 'ab', run: 'r', ordinal: 0 });
    expect(parseInstanceName(ofAb)?.fleet).toBe('ab');
    expect(ofAb.startsWith(fleetPrefix('a'))).toBe(false);
  });

  it.each([
    'my-machine',
    'gpuc-a-r',
    'gpuc-a-r-01',
    'gpuc-a-b-r-0',
    'gpuc-a-r-0-copy',
    'GPUC-a-r-0',
    ' gpuc-a-r-0',
    'gpuc-a-r-0\n',
    'gpuc--r-0',
    'gpuc-a-0-0',
    'gpuc-a-0wiwgo5evi4imjc2-0',
    'gpuc-a-0wiwgo5evi4imjc2ff-0',
    'gpuc-a-r-10000',
    '',
  ])('claims nothing from the name %j', (name) => {
    expect(parseInstanceName(name)).toBeUndefined();
  });
});
