import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { endpoint, minute, never, project, request } from './__fixtures__/rate-limits.ts';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';
import { virtualTime } from './__fixtures__/virtual-time.ts';
import type { Clock } from './clock.ts';
import { createRateLimiter, type LimitedRequest, type RateLimit, type RateLimiter } from './rate-limiter.ts';

describe('createRateLimiter', () => {
  const single: RateLimit = {
    name: 'all',
    quota: 1,
    windowMs: 1000,
    burst: 1,
    key: ({ open }) => (open ? undefined : ''),
  };

  test('the limiter serves requests in the order in which they came', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([single], clock);
    const order: number[] = [];
    for (const number of [1, 2, 3, 4])
      void limiter.acquire(request(`/${number}`), never).then(() => order.push(number));
    await clock.run(minute);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  test('the limiter serves urgent requests first, in their own order', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([single], clock);
    const order: string[] = [];
    for (const path of ['/first', '/create', '/list', '/delete', '/delete-too']) {
      const urgent = path.startsWith('/delete');
      void limiter.acquire({ ...request(path), urgent }, never).then(() => order.push(path));
    }
    await clock.run(minute);
    expect(order).toEqual(['/first', '/delete', '/delete-too', '/create', '/list']);
  });

  test('a request does not wait for another path whose quota is used up', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([project, { ...endpoint, quota: 1 }], clock);
    (await limiter.acquire(request('/full'), never))();
    let late = false;
    void limiter.acquire(request('/full'), never).then(() => {
      late = true;
    });
    await limiter.acquire(request('/free'), never);
    expect(late).toBe(false);
    await clock.run(2 * minute);
    expect(late).toBe(true);
  });

  test('the limiter does not count requests without a key', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([single], clock);
    for (let call = 0; call < 9; call++) await limiter.acquire({ ...request(), open: true }, never);
    await clock.run(0);
  });

  test('an aborted request leaves its turn to the others, and no timer remains', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([single], clock);
    await limiter.acquire(request(), never);
    const controller = new AbortController();
    const leaving = limiter.acquire(request(), controller.signal);
    const staying = limiter.acquire(request(), never);
    controller.abort('gone');
    await expect(leaving).rejects.toBe('gone');
    await clock.run(1000);
    await staying;
    await expect(limiter.acquire(request(), AbortSignal.abort('never came'))).rejects.toBe('never came');
    await clock.run(0);
  });

  test('a 429 pauses its own path for as long as Retry-After says', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([project, endpoint], clock);
    const release = await limiter.acquire(request(), never);
    release({ status: 429, headers: new Headers(), retryAfterMs: 90_000 });
    const began = clock.now();
    await limiter.acquire(request('/other'), never);
    expect(clock.now()).toBe(began);
    const again = limiter.acquire(request(), never);
    await clock.run(2 * minute);
    await again;
    expect(clock.now() - began).toBe(90_000);
  });

  test.each([
    '"endpoint";r=0;t=999999999999',
    '"endpoint";r=0;t=60;w=9, "endpoint";;;',
    `${'"endpoint";r=1'.repeat(500)}`,
    '"endpoint";q=0;r=0',
    ';;;"',
  ])('no header stops the limiter for good: %s', async (header) => {
    const clock = virtualTime();
    const limiter = createRateLimiter([endpoint], clock);
    const release = await limiter.acquire(request(), never);
    release(new Response(null, { status: 429, headers: { RateLimit: header, 'RateLimit-Policy': header } }));
    const next = limiter.acquire(request(), never);
    await clock.run(61 * minute);
    await next;
  });

  test('the limiter reads only the item of its own name, and skips parameters that it does not know', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([endpoint], clock);
    const release = await limiter.acquire(request(), never);
    const headers = {
      'RateLimit-Policy': '"project";q=9;w=1, "endpoint";qu="requests"; q=2;w=60',
      RateLimit: '"project";r=9;t=1, "endpoint";pr=7;r=0; t=30',
    };
    const began = clock.now();
    release(new Response(null, { headers }));
    const next = limiter.acquire(request(), never);
    await clock.run(minute);
    await next;
    expect(clock.now() - began).toBe(30_000);
  });

  test.each<[string, Record<string, string>, number]>([
    ['its quota and window', { 'RateLimit-Policy': '"endpoint";q=1;w=30' }, 30_000],
    ['what is left and for how long', { RateLimit: '"endpoint";r=0;t=20' }, 20_000],
    ['nothing of the limit after it', { RateLimit: '"endpoint";r=0, "project";r=9;t=7' }, minute],
    ['nothing of another limit', { RateLimit: '"project";r=0;t=30' }, 0],
  ])('a limit learns from a response %s', async (_, headers, waits) => {
    const clock = virtualTime();
    const limiter = createRateLimiter([endpoint], clock);
    (await limiter.acquire(request(), never))(new Response(null, { headers }));
    const began = clock.now();
    const next = limiter.acquire(request(), never);
    await clock.run(minute);
    await next;
    expect(clock.now() - began).toBe(waits);
  });

  test('a 429 whose headers say that the quota is used up pauses for as long as they say, not for its Retry-After', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([project, endpoint], clock);
    const headers = new Headers({ RateLimit: '"project";r=0;t=20, "endpoint";r=9;t=20' });
    (await limiter.acquire(request(), never))({ status: 429, headers, retryAfterMs: 50_000 });
    const began = clock.now();
    const next = limiter.acquire(request(), never);
    await clock.run(minute);
    await next;
    expect(clock.now() - began).toBe(20_000);
  });

  test('only the first report of a request counts', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([endpoint], clock);
    const release = await limiter.acquire(request(), never);
    release();
    release({ status: 429, headers: new Headers(), retryAfterMs: 50_000 });
    const began = clock.now();
    await limiter.acquire(request(), never);
    expect(clock.now()).toBe(began);
  });

  test('a request waits for exactly its longest wait, and for as long as a response is pending', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([{ ...endpoint, quota: 1 }], clock);
    const release = await limiter.acquire(request(), never);
    const patient = limiter.acquire({ ...request(), maxWaitMs: minute }, never);
    const hasty = limiter.acquire({ ...request(), maxWaitMs: minute - 1 }, never);
    release();
    await expect(hasty).rejects.toMatchObject({
      message: "was not sent: the vendor's rate limit requires a wait of more than maxRetryAfterMs",
      failure: { code: 'rate-limited', retryAfterMs: minute },
    });
    await clock.run(minute);
    (await patient)();
  });

  test('a request that was sent or rejected listens to its signal no longer', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([single], clock);
    const { signal } = new AbortController();
    await limiter.acquire(request(), signal);
    const waiting = limiter.acquire(request(), signal);
    const rejected = limiter.acquire({ ...request(), maxWaitMs: 10 }, signal);
    await expect(rejected).rejects.toThrow('rate limit');
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.run(1000);
    await waiting;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('an urgent request whose turn comes after exactly 5 s waits for it', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([{ ...single, windowMs: 5000 }], clock);
    await limiter.acquire(request(), never);
    const began = clock.now();
    const urgent = limiter.acquire({ ...request(), urgent: true }, never);
    await clock.run(5000);
    await urgent;
    expect(clock.now() - began).toBe(5000);
  });

  test('a limiter is idle when all its limits are', async () => {
    const clock = virtualTime();
    const limiter = createRateLimiter([single, endpoint], clock);
    expect(limiter.isIdle()).toBe(true);
    (await limiter.acquire(request(), never))();
    clock.after(2000, () => {});
    await clock.run(2000);
    expect(limiter.isIdle()).toBe(false);
    clock.after(minute, () => {});
    await clock.run(minute);
    expect(limiter.isIdle()).toBe(true);
  });

  test('of 1,000 paths, those without a window under way are forgotten when another one comes', async () => {
    const clock = virtualTime();
    const created: string[] = [];
    const quota = ({ path }: LimitedRequest) => created.push(path) && 9;
    const limiter = createRateLimiter([{ ...endpoint, quota }], clock);
    const send = async (path: string) => (await limiter.acquire(request(path), never))();
    for (let path = 0; path < 999; path++) await send(`/${path}`);
    clock.after(minute, () => {});
    await clock.run(minute);
    await send('/busy');
    await send('/0');
    expect(created).toHaveLength(1000);
    await send('/another');
    for (const path of ['/0', '/busy', '/1']) await send(path);
    expect(created.slice(1000)).toEqual(['/another', '/1']);
  });

  test('the limiter continues when the clock is set back', async () => {
    const back = virtualTime();
    let offset = 0;
    const clock: Clock = { ...back, now: () => back.now() - offset };
    const limiter = createRateLimiter([single], clock);
    await limiter.acquire(request(), never);
    offset = 3_600_000;
    const next = limiter.acquire(request(), never);
    await back.run(1000);
    await next;
  });
});

describe('a client with a rate limiter', () => {
  const one: RateLimit = { name: 'all', quota: 1, windowMs: 40_000, burst: 1, key: () => '' };
  const get = { path: { id: 'a' } };

  test('the wait for the rate limiter does not count towards the timeout', async () => {
    const { client, clock } = thingClient([json({ id: 'a' })]);
    const limited = thingClient([json({ id: 'a' })], { clock, rateLimiter: createRateLimiter([one], clock) });
    await limited.client.getThing(get);
    await expect(limited.client.getThing(get, { timeoutMs: 5000 })).resolves.toEqual({ id: 'a' });
    expect(clock.waited).toContain(40_000);
    await client.getThing(get);
  });

  test('a call that waits for the rate limiter ends at its deadline without being sent', async () => {
    const { clock } = thingClient([]);
    const { client, sent } = thingClient([json({ id: 'a' })], { clock, rateLimiter: createRateLimiter([one], clock) });
    await client.getThing(get);
    const error = await failureOf(client.createThing({ body: { name: 'a' } }, { deadlineMs: 9000 }));
    expect(error).toMatchObject({ code: 'deadline', attempts: 0, mayHaveTakenEffect: false });
    expect(sent).toHaveLength(1);
    expect(clock.running).toBe(0);
  });

  test('an attempt that times out is reported to the rate limiter', async () => {
    const { clock } = thingClient([]);
    const released: unknown[] = [];
    const rateLimiter: RateLimiter = { acquire: async () => (answer) => void released.push(answer?.status) };
    const { client } = thingClient(['silence', json({ id: 'a' })], { clock, rateLimiter });
    await client.getThing(get);
    expect(released).toEqual([undefined, 200, undefined]);
  });

  test('deletes and calls of high priority overtake a queue of hundreds', async () => {
    const clock = virtualTime();
    const rateLimiter = createRateLimiter([{ ...one, windowMs: 1000 }], clock);
    const { client, sent } = thingClient([json({ id: 'a' })], { clock, rateLimiter });
    const queue = Array.from({ length: 300 }, () => client.getThing(get));
    await client.getStock({}, { priority: 'high' });
    const urgent = [
      ...[client.deleteThing(get), client.getCount(undefined, { priority: 'high' })],
      client.orderThing({ body: { name: 'a' } }, { priority: 'normal' }),
    ];
    await clock.run(1000 * minute);
    await Promise.all([...queue, ...urgent]);
    const place = (method: string, path: string) =>
      sent.findIndex((request) => request.method === method && request.url.endsWith(path));
    expect(place('DELETE', '/things/a')).toBeLessThan(4);
    expect(place('GET', '/things/count')).toBeLessThan(5);
    expect(place('POST', '/orders')).toBe(sent.length - 1);
  });

  test('each retry waits for the rate limiter', async () => {
    const { clock } = thingClient([]);
    const rateLimiter = createRateLimiter([one], clock);
    const { client, sent } = thingClient([json({}, { status: 503 }), json({ id: 'a' })], { clock, rateLimiter });
    const began = clock.now();
    await client.getThing(get);
    expect(sent).toHaveLength(2);
    expect(clock.now() - began).toBeGreaterThanOrEqual(40_000);
  });
});

const dayLong = { 'Retry-After': '86400' };
const farAhead = 'Fri, 31 Dec 9999 23:59:59 GMT';

describe.each([
  ['a window', { name: 'all', quota: 9, windowMs: minute, key: () => '' }],
  ['a bucket', { name: 'all', quota: 9, windowMs: 1000, burst: 9, key: () => '' }],
] as const)('after a vendor asked for a very long pause, with a limit that is %s', (_, limit: RateLimit) => {
  const get = { path: { id: 'a' } };

  /** A client whose vendor refused its first call with these headers; other calls are answered. */
  async function blocked(headers: Record<string, string>) {
    const clock = virtualTime();
    const rateLimiter = createRateLimiter([limit], clock);
    const { client, sent } = thingClient([json({}, { status: 429, headers }), json({ id: 'a' })], {
      clock,
      rateLimiter,
    });
    await failureOf(client.getThing(get, { maxRetries: 0 }));
    return { client, sent, clock };
  }

  test('a normal call fails at once with rate-limited and the rest of the pause', async () => {
    const { client, sent, clock } = await blocked({ 'Retry-After': '600' });
    clock.after(2000, () => {});
    await clock.run(2000);
    const error = await failureOf(client.createThing({ body: { name: 'a' } }));
    expect(error).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 598_000,
      attempts: 0,
      mayHaveTakenEffect: false,
    });
    expect(error.message).toContain('Try again in 598 s.');
    expect(sent).toHaveLength(1);
  });

  test('calls that are already in the queue fail too', async () => {
    const clock = virtualTime();
    const rateLimiter = createRateLimiter(
      [{ ...limit, quota: 1, windowMs: 10_000, ...(limit.burst && { burst: 1 }) }],
      clock,
    );
    const refused = json({}, { status: 429, headers: dayLong });
    const { client } = thingClient([refused], { clock, rateLimiter });
    const calls = [1, 2, 3].map(() => failureOf(client.getThing(get, { maxRetries: 0 })));
    await clock.run(0);
    expect((await Promise.all(calls)).map(({ attempts, code }) => [attempts, code])).toEqual([
      [1, 'rate-limited'],
      [0, 'rate-limited'],
      [0, 'rate-limited'],
    ]);
  });

  test('a delete is sent at once', async () => {
    const { client, sent, clock } = await blocked(dayLong);
    const began = clock.now();
    await client.deleteThing(get);
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'DELETE']);
    expect(clock.now()).toBe(began);
    const another = client.getThing(get, { priority: 'high' });
    await clock.run(1000);
    await another;
  });

  test('the vendor is tried again after a minute', async () => {
    const { client, clock } = await blocked(dayLong);
    clock.after(minute, () => {});
    await clock.run(minute);
    await expect(client.getThing(get)).resolves.toEqual({ id: 'a' });
  });

  test('a call whose maxRetryAfterMs is longer than the pause waits', async () => {
    const { client, clock } = await blocked({ 'Retry-After': '600' });
    const began = clock.now();
    const call = client.getThing(get, { maxRetryAfterMs: 900_000 });
    await clock.run(900_000);
    await call;
    expect(clock.now() - began).toBe(600_000);
  });

  test.each([
    { 'Retry-After': '9'.repeat(30) },
    { 'Retry-After': '1e999' },
    { 'Retry-After': '-5' },
    { 'Retry-After': 'NaN' },
    { 'Retry-After': farAhead },
    { 'retry-after-ms': 'Infinity' },
    { RateLimit: '"all";r=0;t=999999999' },
    { RateLimit: '"all";r=0;t=999999999', 'RateLimit-Policy': '"all";q=9;w=999999999' },
  ])('no call is held for more than a minute: %j', async (headers) => {
    const { client, sent, clock } = await blocked(headers);
    await client.deleteThing(get);
    expect(sent).toHaveLength(2);
    const early = client
      .getThing(get)
      .catch((error) => expect(error).toMatchObject({ code: 'rate-limited', attempts: 0 }));
    await clock.run(minute);
    await early;
    clock.after(minute, () => {});
    await clock.run(minute);
    const late = client.getThing(get);
    await clock.run(0);
    await expect(late).resolves.toEqual({ id: 'a' });
  });
});

test('an urgent request waits for a turn within 5 s, and otherwise goes at once', async () => {
  const clock = virtualTime();
  const limiter = createRateLimiter([{ name: 'all', quota: 1, windowMs: 3000, burst: 1, key: () => '' }], clock);
  const began = clock.now();
  const times: number[] = [];
  for (let number = 0; number < 3; number++) {
    void limiter.acquire({ ...request(), urgent: true }, never).then(() => times.push(clock.now() - began));
  }
  await clock.run(minute);
  expect(times).toEqual([0, 3000, 3000]);
});

test.each(['not a date', '-5', '1e999', '-1', ''])('an unreadable Retry-After is ignored: %j', async (value) => {
  const { client } = thingClient([json({}, { status: 429, headers: { 'Retry-After': value } })]);
  const error = await failureOf(client.getThing({ path: { id: 'a' } }, { maxRetries: 0 }));
  expect(error.retryAfterMs).toBeUndefined();
});
