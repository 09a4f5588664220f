import { describe, expect, test } from 'vitest';
import { brokenConnection, failureOf, json, operations, thingClient } from './__fixtures__/things.ts';
import type { LimitedAnswer, LimitedRequest, RateLimiter } from './rate-limiter.ts';
import { createRetryBudget } from './retry-budget.ts';

const thing = { id: 'a' };
const get = { path: { id: 'a' } };
const name = { body: { name: 'a' } };

describe('retries', () => {
  test.each([408, 429, 500, 502, 503])('a read that is answered %i is retried', async (status) => {
    const { client, sent } = thingClient([new Response('', { status }), json(thing)]);
    await expect(client.getThing(get)).resolves.toEqual(thing);
    expect(sent).toHaveLength(2);
  });

  test('a read whose connection breaks is retried twice', async () => {
    const { client, sent } = thingClient([brokenConnection()]);
    const error = await failureOf(client.getThing(get));
    expect(error).toMatchObject({ code: 'connection', attempts: 3, mayHaveTakenEffect: false });
    expect(error.message).toBe(
      'acme getThing (GET /things/{id}) got no answer from https://api.acme.test (UND_ERR_SOCKET) (attempt 3). ' +
        'Check the network and the base URL.',
    );
    expect(sent).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 409, 422])('a response with status %i is not retried', async (status) => {
    const { client, sent } = thingClient([json({}, { status })]);
    await failureOf(client.getThing(get));
    expect(sent).toHaveLength(1);
  });

  test('delays between retries are random up to a ceiling that doubles', async () => {
    const { client, clock } = thingClient([json({}, { status: 500 })]);
    await failureOf(client.getThing(get, { maxRetries: 6 }));
    expect(clock.waited).toEqual([250, 500, 1000, 2000, 4000, 4000]);
  });

  test('a write is not retried', async () => {
    const { client, sent } = thingClient([json({}, { status: 503 })]);
    await failureOf(client.createThing(name));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers.has('idempotency-key')).toBe(false);
  });

  test('an idempotency key does not make a write repeatable if the vendor does not support such keys', async () => {
    const { client, sent } = thingClient([json({}, { status: 503 })]);
    await failureOf(client.createThing(name, { idempotencyKey: 'k' }));
    expect(sent).toHaveLength(1);
  });

  test('a write with an idempotency key is retried with the same key and body', async () => {
    const { client, sent } = thingClient([brokenConnection(), json({}, { status: 500 }), json(thing)]);
    await expect(client.orderThing(name)).resolves.toEqual(thing);
    const keys = sent.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(keys).size).toBe(1);
    expect(sent.map(({ body }) => body)).toEqual(Array(3).fill('{"name":"a"}'));
  });

  test("the caller's idempotency key is sent", async () => {
    const { client, sent } = thingClient([json(thing)]);
    await client.orderThing(name, { idempotencyKey: 'mine' });
    await client.orderThing({ ...name, header: { 'Idempotency-Key': 'header' } });
    await client.orderThing(name);
    await client.orderThing(name);
    const keys = sent.map(({ headers }) => headers.get('idempotency-key'));
    expect(keys.slice(0, 2)).toEqual(['mine', 'header']);
    expect(keys[2]).not.toBe(keys[3]);
  });

  test('the body of a discarded response is cancelled before the retry delay', async () => {
    let waitedBefore: number | undefined;
    const body = new ReadableStream({
      cancel() {
        waitedBefore = clock.waited.length;
      },
    });
    const answers = [new Response(body, { status: 503 }), json(thing)];
    const { client, clock } = thingClient([], { fetch: async () => answers.shift() ?? json(thing) });
    await client.getThing(get);
    expect(waitedBefore).toBe(0);
    expect(clock.waited).toEqual([250]);
  });

  test('a response without a body is retried once for each retry that it takes from the budget', async () => {
    const retryBudget = createRetryBudget({ capacity: 1 });
    const { client } = thingClient([new Response(null, { status: 503 }), json(thing)], { retryBudget });
    await expect(client.getThing(get)).resolves.toEqual(thing);
  });

  test('an authentication that fails is not tried again', async () => {
    let calls = 0;
    const authenticate = () => {
      calls += 1;
      throw new Error('no key file');
    };
    const { client, sent } = thingClient([json(thing)], { auth: { secrets: [], authenticate } });
    const error = await failureOf(client.getThing(get));
    expect(error).toMatchObject({ code: 'authentication', attempts: 0, cause: new Error('no key file') });
    expect(error.message).toContain('could not be sent: no credentials (no key file)');
    expect(calls).toBe(1);
    expect(sent).toEqual([]);
  });

  test('an authentication that cannot renew its credentials leaves a 401 as it is', async () => {
    const auth = { secrets: [], authenticate: () => {}, renew: async () => false };
    const { client, sent } = thingClient([json({}, { status: 401 })], { auth });
    expect(await failureOf(client.getThing(get))).toMatchObject({ code: 'authentication', status: 401 });
    expect(sent).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    const { client, sent } = thingClient([
      new Response(null, { status: 307, headers: { location: 'https://evil.test' } }),
    ]);
    expect(await failureOf(client.getThing(get))).toMatchObject({ code: 'unreadable', status: 307 });
    expect(sent.map(({ redirect }) => redirect)).toEqual(['manual']);
  });
});

describe('Retry-After', () => {
  const limited = (headers: Record<string, string>) => json({}, { status: 429, headers });

  test.each([
    ['seconds', { 'retry-after': '3' }],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:03 GMT' }],
    ['milliseconds', { 'retry-after-ms': '3000', 'retry-after': '9' }],
  ])('Retry-After is honored in %s, with jitter', async (_, headers) => {
    const { client, clock } = thingClient([limited(headers), json(thing)]);
    await client.getThing(get);
    expect(clock.waited).toEqual([3250]);
  });

  test('a Retry-After of more than a minute fails the call at once', async () => {
    const { client, sent, clock } = thingClient([limited({ 'retry-after': '61' })]);
    const error = await failureOf(client.getThing(get));
    expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: 61_000, status: 429 });
    expect(error.message).toContain('Try again in 61 s.');
    expect(sent).toHaveLength(1);
    expect(clock.waited).toEqual([]);
  });

  test('a second Retry-After is honored with as little jitter as the first', async () => {
    const { client, clock } = thingClient([limited({ 'retry-after': '3' })]);
    await failureOf(client.getThing(get));
    expect(clock.waited).toEqual([3250, 3250]);
  });

  test('a Retry-After of a minute is honored', async () => {
    const { client, clock } = thingClient([limited({ 'retry-after': '60' }), json(thing)]);
    await client.getThing(get);
    expect(clock.waited).toEqual([60_250]);
  });

  test('a retry that would begin at the deadline is not waited for', async () => {
    const { client, clock } = thingClient([limited({ 'retry-after': '5' })]);
    expect(await failureOf(client.getThing(get, { deadlineMs: 5250 }))).toMatchObject({ code: 'rate-limited' });
    expect(clock.waited).toEqual([]);
  });

  test('a Retry-After that ends after the deadline fails the call at once', async () => {
    const { client, sent } = thingClient([limited({ 'retry-after': '5' })]);
    const error = await failureOf(client.getThing(get, { deadlineMs: 4000 }));
    expect(error).toMatchObject({ code: 'rate-limited', retryAfterMs: 5000 });
    expect(sent).toHaveLength(1);
  });
});

describe('limits of time', () => {
  test('an attempt that times out is retried', async () => {
    const { client, clock, sent } = thingClient(['silence', json(thing)]);
    await expect(client.getThing(get)).resolves.toEqual(thing);
    expect(clock.waited).toEqual([30_000, 250]);
    expect(sent).toHaveLength(2);
  });

  test('a body that never ends counts towards the timeout', async () => {
    const endless = () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }));
    const { client } = thingClient([], { fetch: async () => endless() });
    expect(await failureOf(client.createThing(name))).toMatchObject({ code: 'timeout', mayHaveTakenEffect: true });
  });

  test('the timeout of a call overrides that of its client', async () => {
    const { client, clock } = thingClient(['silence'], { timeoutMs: 9000 });
    await failureOf(client.createThing(name));
    await failureOf(client.createThing(name, { timeoutMs: 7 }));
    expect(clock.waited).toEqual([9000, 7]);
  });

  test('the deadline ends the call, however many attempts are left', async () => {
    const { client } = thingClient(['silence']);
    const error = await failureOf(client.getThing(get, { deadlineMs: 50_000, maxRetries: 9 }));
    expect(error).toMatchObject({ code: 'deadline', attempts: 2 });
    expect(error.message).toContain('was not done within its deadline of 50 s');
  });

  test('an attempt that times out has code timeout also when fetch rejects first', async () => {
    const fetch = ({ signal }: Request) =>
      new Promise<Response>((_, reject) => {
        signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    const { client } = thingClient([], { fetch });
    expect(await failureOf(client.createThing(name))).toMatchObject({ code: 'timeout' });
  });

  test('a response that arrives too late is cancelled', async () => {
    let answer: ((response: Response) => void) | undefined;
    const fetch = () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      });
    const { client } = thingClient([], { fetch });
    await failureOf(client.createThing(name));
    await new Promise<void>((cancel) => answer?.(new Response(new ReadableStream({ cancel: () => cancel() }))));
  });

  test('a finished call leaves no timer', async () => {
    const { client, clock } = thingClient([json({}, { status: 500 }), json(thing)]);
    await client.getThing(get, { deadlineMs: 90_000 });
    expect(clock.running).toBe(0);
  });

  test('the signal of an attempt that times out is aborted', async () => {
    let signal: AbortSignal | undefined;
    const fetch = (request: Request) => {
      signal = request.signal;
      return new Promise<Response>(() => {});
    };
    const { client } = thingClient([], { fetch });
    await failureOf(client.createThing(name));
    expect(signal?.aborted).toBe(true);
  });
});

describe('abort', () => {
  test('a call with an aborted signal sends nothing', async () => {
    const { client, sent } = thingClient([json(thing)]);
    const error = await failureOf(client.createThing(name, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'aborted', attempts: 0, mayHaveTakenEffect: false });
    expect(sent).toHaveLength(0);
  });

  test('an abort during a write sets mayHaveTakenEffect and is not retried', async () => {
    const controller = new AbortController();
    const retryBudget = createRetryBudget({ capacity: 1 });
    const reaction = () => {
      controller.abort();
      return 'silence' as const;
    };
    const { client, sent } = thingClient(reaction, { retryBudget });
    const error = await failureOf(client.orderThing(name, { signal: controller.signal }));
    expect(error).toMatchObject({ code: 'aborted', attempts: 1, mayHaveTakenEffect: true });
    expect(sent).toHaveLength(1);
    expect(retryBudget.spend()).toBe(true);
  });

  test('an abort ends the retry delay', async () => {
    const controller = new AbortController();
    const clock = {
      now: () => 0,
      random: () => 0,
      after(milliseconds: number) {
        if (milliseconds < 30_000) queueMicrotask(() => controller.abort());
        return () => {};
      },
    };
    const { client, sent } = thingClient([json({}, { status: 500 })], { clock });
    const error = await failureOf(client.getThing(get, { signal: controller.signal }));
    expect(error.code).toBe('aborted');
    expect(sent).toHaveLength(1);
  });
});

describe('whether a write may have taken effect', () => {
  test.each([
    ['a refusal', json({}, { status: 400 }), false],
    ['a missing thing', json({}, { status: 404 }), false],
    ['a rate limit', json({}, { status: 429 }), false],
    ['a request timeout', json({}, { status: 408 }), true],
    ['a failing vendor', json({}, { status: 500 }), true],
    ['a broken connection', brokenConnection(), true],
    ['an answer that cannot be read', new Response('<html>', { status: 200 }), true],
    ['silence', 'silence' as const, true],
  ])('mayHaveTakenEffect after %s', async (_, reaction, mayHaveTakenEffect) => {
    const { client } = thingClient([reaction]);
    const error = await failureOf(client.createThing(name));
    expect(error.mayHaveTakenEffect).toBe(mayHaveTakenEffect);
    expect(error.message.includes('It may have taken effect')).toBe(mayHaveTakenEffect);
  });

  test('mayHaveTakenEffect is false for a POST that only reads', async () => {
    const findThings = { ...operations.createThing, repeatable: true, readOnly: true } as const;
    const { client } = thingClient([json({}, { status: 500 })], {
      operations: { ...operations, createThing: findThings },
    });
    const error = await failureOf(client.createThing(name));
    expect(error).toMatchObject({ attempts: 3, mayHaveTakenEffect: false });
    expect(error.message).not.toContain('It may have taken effect');
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED'])(
    'mayHaveTakenEffect is false after %s, because nothing was sent',
    async (code) => {
      const { client } = thingClient([new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) })]);
      expect(await failureOf(client.createThing(name))).toMatchObject({
        code: 'connection',
        mayHaveTakenEffect: false,
      });
    },
  );

  test('mayHaveTakenEffect stays true when a later attempt is refused', async () => {
    const { client } = thingClient([brokenConnection(), json({ message: 'key in use' }, { status: 409 })]);
    const error = await failureOf(client.orderThing(name));
    expect(error).toMatchObject({ code: 'conflict', attempts: 2, mayHaveTakenEffect: true });
  });

  test.each([500, 503])('a %i that is a definite refusal has no effect and is not retried', async (status) => {
    const refused = (_: number, body: string) => body.includes('Not enough');
    const { client, sent } = thingClient([json({ message: 'Not enough GPUs' }, { status })], { quirks: { refused } });
    const error = await failureOf(client.orderThing(name));
    expect(error).toMatchObject({ code: 'server', status, mayHaveTakenEffect: false });
    expect(sent).toHaveLength(1);
  });

  test('a 5xx that is not a definite refusal is retried', async () => {
    const { client } = thingClient([json({}, { status: 503 }), json(thing)], { quirks: { refused: () => false } });
    await expect(client.orderThing(name)).resolves.toEqual(thing);
  });

  test('only a 5xx can be a definite refusal', async () => {
    const { client } = thingClient([json({}, { status: 429 }), json(thing)], { quirks: { refused: () => true } });
    await expect(client.orderThing(name)).resolves.toEqual(thing);
  });
});

describe('the rate limiter of a client', () => {
  /** Returns a rate limiter that delays no request, and the requests and answers that it saw. */
  function notes() {
    const requests: LimitedRequest[] = [];
    const answers: (LimitedAnswer | undefined)[] = [];
    const rateLimiter: RateLimiter = {
      acquire: async (request) => {
        requests.push(request);
        return (answer) => void answers.push(answer);
      },
    };
    return { rateLimiter, requests, answers };
  }

  test('the rate limiter gets each request with the longest wait of its call', async () => {
    const { rateLimiter, requests } = notes();
    const { client } = thingClient([json(thing)], { rateLimiter });
    await client.getThing(get);
    await client.deleteThing(get, { maxRetryAfterMs: 7 });
    await client.getStock();
    expect(requests).toEqual([
      { method: 'GET', path: '/things/a', open: false, urgent: false, maxWaitMs: 60_000 },
      { method: 'DELETE', path: '/things/a', open: false, urgent: true, maxWaitMs: 7 },
      { method: 'GET', path: '/stock', open: true, urgent: false, maxWaitMs: 60_000 },
    ]);
  });

  test.each([
    [429, 3000],
    [503, undefined],
  ])('after a %i with Retry-After, the rate limiter pauses for %s ms', async (status, retryAfterMs) => {
    const { rateLimiter, answers } = notes();
    const answer = json({}, { status, headers: { 'retry-after': '3', ratelimit: '"a";r=1' } });
    const { client } = thingClient([answer], { rateLimiter });
    await failureOf(client.createThing(name));
    expect(answers[0]).toMatchObject({ status, retryAfterMs });
    expect(answers[0]?.headers.get('ratelimit')).toBe('"a";r=1');
  });

  test('the rate limiter learns that a request without a response is over', async () => {
    const { rateLimiter, answers } = notes();
    const { client } = thingClient([brokenConnection()], { rateLimiter });
    await failureOf(client.createThing(name));
    expect(answers).toEqual([undefined]);
  });
});
