import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleetPrefix, formatInstanceName, formatOwnerId, ownerIdOf, parseInstanceName } from './instance-name.ts';

const fleets = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const plainRuns = fc.stringMatching(/^[a-z1-9][a-z0-9]{0,25}$/);
/** Faster to generate than a string of the unit "binary". */
const texts = fc.array(fc.nat(0x10ffff)).map((points) => String.fromCodePoint(...points));
const ordinals = fc.integer({ min: 0, max: 9999 });

const deadlines = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2126, 0, 1) });
const minute = 60_000;

describe('formatOwnerId', () => {
  it('formatOwnerId uses a short run ID as it is', () => {
    expect(formatOwnerId({ fleet: 'default', run: 'x7k2', ordinal: 3 })).toBe('gpuc-default-x7k2-3');
  });

  it('formatOwnerId accepts the ordinals 0 and 9999', () => {
    expect([0, 9999].map((ordinal) => formatOwnerId({ fleet: 'a', run: 'r', ordinal }))).toEqual([
      'gpuc-a-r-0',
      'gpuc-a-r-9999',
    ]);
  });

  it('formatOwnerId replaces a run ID that is not valid in a name by its hash', () => {
    // 0 and the first 16 characters of the SHA-256 in base32, made with coreutils and Python.
    expect(formatOwnerId({ fleet: 'ci', run: 'Nightly build #7', ordinal: 0 })).toBe('gpuc-ci-0wiwgo5evi4imjc2f-0');
  });

  it('formatOwnerId gives runs different IDs that differ only in characters that a name cannot contain', () => {
    const name = (run: string) => formatOwnerId({ fleet: 'ci', run, ordinal: 0 });
    expect(new Set(['a-b', 'a_b', 'A-B', 'ab'].map(name)).size).toBe(4);
  });

  it('formatOwnerId never gives a run the ID of another run, even if its ID equals the hash of the other', () => {
    const shown = (run: string) => parseInstanceName(formatOwnerId({ fleet: 'ci', run, ordinal: 0 }))?.run ?? '';
    fc.assert(
      fc.property(fc.oneof(plainRuns, fc.string()), (run) => {
        for (const id of [shown(run), shown(run).slice(1)]) {
          if (id !== run) expect(shown(id)).not.toBe(shown(run));
        }
      }),
    );
  });

  it.each(['', 'Prod', 'a-b', 'thirteenchars', 'a b'])(
    'formatOwnerId rejects the fleet %j and says what is allowed',
    (fleet) => {
      expect(() => formatOwnerId({ fleet, run: 'r', ordinal: 0 })).toThrow(/1 to 12 lower-case letters and digits/);
    },
  );

  it.each([-1, 1.5, Number.NaN, 10_000])('formatOwnerId rejects the ordinal %d', (ordinal) => {
    expect(() => formatOwnerId({ fleet: 'a', run: 'r', ordinal })).toThrow(
      `The ordinal of an instance must be a whole number from 0 to 9999, not ${ordinal}.`,
    );
  });
});

describe('formatInstanceName', () => {
  it('formatInstanceName appends the minute of the deadline in base 36', () => {
    const deadline = Date.UTC(2026, 10, 28, 12, 0, 1);
    const name = formatInstanceName({ fleet: 'default', run: 'x7k2', ordinal: 3, deadline });
    expect(name).toBe('gpuc-default-x7k2-3-htj01');
    expect(parseInstanceName(name)?.deadline).toBe(Date.UTC(2026, 10, 28, 12, 1));
  });

  it('formatInstanceName returns a valid host name of at most 56 characters that parses back, for any run', () => {
    fc.assert(
      fc.property(fleets, texts, ordinals, deadlines, (fleet, run, ordinal, deadline) => {
        const name = formatInstanceName({ fleet, run, ordinal, deadline });
        expect(name).toMatch(/^[a-z][a-z0-9-]{0,54}[a-z0-9]$/);
        const ownerId = formatOwnerId({ fleet, run, ordinal });
        const rounded = Math.ceil(deadline / minute) * minute;
        expect(parseInstanceName(name)).toMatchObject({ fleet, ordinal, ownerId, deadline: rounded });
        expect(ownerIdOf(name)).toBe(ownerId);
      }),
    );
  });

  const [first, last] = [36 ** 4 * minute, (36 ** 6 - 1) * minute];

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0, first - minute, last + 1])(
    'formatInstanceName rejects the deadline %d',
    (deadline) => {
      expect(() => formatInstanceName({ fleet: 'a', run: 'r', ordinal: 0, deadline })).toThrow(
        `The deadline of an instance must be a time in milliseconds since the epoch, not ${deadline}.`,
      );
    },
  );

  it.each([first, last])('formatInstanceName accepts the deadline %d, which parses back', (deadline) => {
    const name = formatInstanceName({ fleet: 'a', run: 'r', ordinal: 0, deadline });
    expect(parseInstanceName(name)?.deadline).toBe(deadline);
  });
});

describe('parseInstanceName', () => {
  it('parseInstanceName never assigns the instances of one fleet to another', () => {
    const ofAb = formatOwnerId({ fleet: 'ab', run: 'r', ordinal: 0 });
    expect(parseInstanceName(ofAb)?.fleet).toBe('ab');
    expect(ofAb.startsWith(fleetPrefix('a'))).toBe(false);
  });

  it("parseInstanceName accepts an owner's ID, which has no deadline", () => {
    expect(parseInstanceName('gpuc-a-r-0')).toEqual({ ownerId: 'gpuc-a-r-0', fleet: 'a', run: 'r', ordinal: 0 });
    expect(ownerIdOf('gpuc-a-r-0')).toBe('gpuc-a-r-0');
    expect(ownerIdOf('my-own-box')).toBe('my-own-box');
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
    'gpuc-a-r-0-0htj01',
    'gpuc-a-r-0-htj0',
    'gpuc-a-r-0-htj01-htj01',
    'gpuc-a-r-0-HTJ01',
    '',
  ])('parseInstanceName returns nothing for the name %j', (name) => {
    expect(parseInstanceName(name)).toBeUndefined();
  });
});
