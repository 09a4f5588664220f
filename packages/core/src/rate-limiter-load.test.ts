import { describe, expect, test } from 'vitest';
import { endpoint, minute, never, project, request } from './__fixtures__/rate-limits.ts';
import { virtualTime } from './__fixtures__/virtual-time.ts';
import type { Clock } from './clock.ts';
import { createRateLimiter, type LimitedRequest, type RateLimit, type RateLimiter } from './rate-limiter.ts';

interface Window {
  readonly ends: number;
  used: number;
}

/** Verda's rules: windows that begin with a request, for the project and for each method and path. */
function windowedVendor(clock: Clock, quotas: { project: number; endpoint: number }, { silent = false } = {}) {
  const windows = new Map<string, Window>();
  const window = (key: string) => {
    const known = windows.get(key);
    const current = known && clock.now() < known.ends ? known : { ends: clock.now() + minute, used: 0 };
    windows.set(key, current);
    current.used += 1;
    return current;
  };
  return function answer({ method, path }: LimitedRequest): Response {
    const limits = [
      ['project', quotas.project, window('')],
      ['endpoint', quotas.endpoint, window(`${method} ${path}`)],
    ] as const;
    const seconds = ({ ends }: Window) => Math.ceil((ends - clock.now()) / 1000);
    const policy = limits.map(([name, quota]) => `"${name}";q=${quota};w=60`).join(', ');
    const state = limits.map(([name, q, w]) => `"${name}";r=${Math.max(0, q - w.used)};t=${seconds(w)}`).join(', ');
    const status = limits.some(([, quota, { used }]) => used > quota) ? 429 : 200;
    return new Response(null, { status, headers: silent ? {} : { 'RateLimit-Policy': policy, RateLimit: state } });
  };
}

/** A bucket of `burst` turns that fills by `rate` a second. */
function bucketVendor(clock: Clock, rate: number, burst: number) {
  let turns = burst;
  let since = clock.now();
  return function answer(): Response {
    turns = Math.min(burst, turns + ((clock.now() - since) / 1000) * rate);
    since = clock.now();
    if (turns < 1) return new Response(null, { status: 429 });
    turns -= 1;
    return new Response();
  };
}

const pass = (clock: Clock, milliseconds: number) => new Promise<void>((resolve) => clock.after(milliseconds, resolve));

/** Each caller asks again and again; requests and answers take up to 200 ms each, in any order. */
async function load(
  clock: Clock & { run(limit: number): Promise<void> },
  limiter: RateLimiter,
  answer: (request: LimitedRequest) => Response,
  { callers, calls, paths = ['/a'] }: { callers: number; calls: number; paths?: readonly string[] },
) {
  const statuses: number[] = [];
  const began = clock.now();
  let ended = began;
  const caller = async (index: number) => {
    for (let call = 0; call < calls; call++) {
      const what = request(paths[(index + call) % paths.length]);
      const release = await limiter.acquire(what, never);
      await pass(clock, clock.random() * 200);
      const response = answer(what);
      statuses.push(response.status);
      await pass(clock, clock.random() * 200);
      release(response);
      ended = clock.now();
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, index) => caller(index)));
  await clock.run(60 * minute);
  await all;
  return { refused: statuses.filter((status) => status === 429).length, total: statuses.length, took: ended - began };
}

test("requests around the end of a window never exceed the next window's quota", async () => {
  const clock = virtualTime();
  const limiter = createRateLimiter([endpoint], clock);
  const vendor = windowedVendor(clock, { project: 500, endpoint: 60 });
  const statuses: number[] = [];
  const one = async (delay: number) => {
    await pass(clock, delay);
    const release = await limiter.acquire(request(), never);
    await pass(clock, clock.random() * 200);
    const response = vendor(request());
    statuses.push(response.status);
    release(response);
  };
  // One that begins the window, thirty around its end, and a rush right after.
  const all = Promise.all([
    one(0),
    ...Array.from({ length: 30 }, (_, index) => one(minute - 300 + index * 25)),
    ...Array.from({ length: 90 }, () => one(minute + 500)),
  ]);
  await clock.run(10 * minute);
  await all;
  expect(statuses).toHaveLength(121);
  expect(statuses).not.toContain(429);
});

// In a file of their own, because they take seconds: mutation testing runs without them.
describe('a rate limiter under load', () => {
  test("500 callers use a project's whole quota without a 429", async () => {
    const clock = virtualTime();
    const paths = Array.from({ length: 50 }, (_, index) => `/${index}`);
    const vendor = windowedVendor(clock, { project: 500, endpoint: 60 });
    const { refused, total, took } = await load(clock, createRateLimiter([project, endpoint], clock), vendor, {
      callers: 500,
      calls: 10,
      paths,
    });
    expect(refused).toBe(0);
    // Ten windows of 500: nine of them have to pass.
    expect(total / 500 - 1).toBe(9);
    expect((9 * minute) / took).toBeGreaterThan(0.95);
  });

  test('the limiter learns a smaller quota from the first responses', async () => {
    const clock = virtualTime();
    const vendor = windowedVendor(clock, { project: 500, endpoint: 50 });
    const { refused, took } = await load(clock, createRateLimiter([project, endpoint], clock), vendor, {
      callers: 500,
      calls: 1,
    });
    // Sixty are sent before the first answer says that fifty is what is allowed.
    expect(refused).toBe(10);
    expect((9 * minute) / took).toBeGreaterThan(0.95);
  });

  test('500 callers get no 429 from a vendor that sends no RateLimit headers', async () => {
    const clock = virtualTime();
    const vendor = windowedVendor(clock, { project: 500, endpoint: 60 }, { silent: true });
    const { refused, took } = await load(clock, createRateLimiter([project, endpoint], clock), vendor, {
      callers: 500,
      calls: 1,
    });
    expect(refused).toBe(0);
    expect((8 * minute) / took).toBeGreaterThan(0.95);
  });

  test('500 callers use a token bucket without a 429', async () => {
    const clock = virtualTime();
    const limits: RateLimit[] = [{ name: 'all', quota: 10, windowMs: 1000, burst: 15, key: () => '' }];
    const { refused, total, took } = await load(clock, createRateLimiter(limits, clock), bucketVendor(clock, 10, 20), {
      callers: 500,
      calls: 2,
    });
    expect(refused).toBe(0);
    expect(total / 10 / (took / 1000)).toBeGreaterThan(0.95);
  });

  test('the limiter stays fast with thousands of paths', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([{ ...endpoint, quota: 1 }], clock);
    for (let path = 0; path < 5000; path++) (await limiter.acquire(request(`/${path}`), never))();
    const again = limiter.acquire(request('/0'), never);
    await clock.run(2 * minute);
    await again;
  });
});
