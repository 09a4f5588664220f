import { describe, expect, test } from 'vitest';
import { virtualTime } from './__fixtures__/virtual-time.ts';
import { accountRateLimiter } from './account-limiter.ts';
import type { RateLimit } from './rate-limiter.ts';

const never = new AbortController().signal;
const request = { method: 'GET', path: '/a', open: false };
const oneAMinute: RateLimit = { name: 'all', quota: 1, windowMs: 60_000, burst: 1, key: () => '' };

/** An account, and how long one of its requests waits for its turn. */
function accounts() {
  const clock = virtualTime();
  const account = { vendor: 'acme', baseUrl: 'https://api.acme.test', credential: 'key', clock };
  async function waited(other: Partial<typeof account> = {}, limits: readonly RateLimit[] = [oneAMinute]) {
    const began = clock.now();
    const turn = accountRateLimiter({ ...account, ...other }, limits).acquire(request, never);
    await clock.run(600_000);
    (await turn)({ status: 200, headers: new Headers() });
    return clock.now() - began;
  }
  return { clock, waited };
}

describe('accountRateLimiter', () => {
  test('accountRateLimiter shares one queue between the clients of an account only', async () => {
    const { waited } = accounts();
    expect(await waited()).toBe(0);
    for (const other of [{ credential: 'other' }, { baseUrl: 'http://127.0.0.1' }, { vendor: 'b' }]) {
      expect(await waited(other)).toBe(0);
    }
    expect(await waited()).toBe(60_000);
    expect(await accounts().waited()).toBe(0);
  });

  test('accountRateLimiter forgets an idle account only when there are many accounts', async () => {
    const { clock, waited } = accounts();
    const counted: string[] = [];
    const counting = (name: string): RateLimit => ({ ...oneAMinute, key: () => String(counted.push(name) && '') });
    await waited({ credential: 'idle' }, [counting('idle, before')]);
    clock.after(120_000, () => {});
    await clock.run(120_000);
    await waited({ credential: 'busy' }, [counting('busy, before')]);
    for (let number = 0; number < 98; number++) await waited({ credential: `account ${number}` });
    counted.length = 0;
    await waited({ credential: 'idle' }, [counting('idle, too early')]);
    clock.after(120_000, () => {});
    await clock.run(120_000);
    expect(counted).toEqual(['idle, before']);
    await waited({ credential: 'busy' });
    await waited({ credential: 'one more' });
    counted.length = 0;
    await waited({ credential: 'idle' }, [counting('idle, after')]);
    expect(await waited({ credential: 'busy' }, [counting('busy, after')])).toBe(60_000);
    expect(counted).toEqual(['idle, after', 'busy, before']);
  });
});
