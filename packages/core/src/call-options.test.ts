import { expect, test } from 'vitest';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';

const thing = { id: 'a' };
const get = { path: { id: 'a' } };
const order = { body: { name: 'a' } };

test('options of a call override the options of its client', async () => {
  const { client, sent } = thingClient([json({}, { status: 503 })], { maxRetries: 1, headers: { 'X-One': 'client' } });
  await failureOf(client.getThing(get, { maxRetries: 0, headers: { 'x-one': 'call' } }));
  expect(sent).toHaveLength(1);
  expect(sent[0]?.headers.get('x-one')).toBe('call');
  await failureOf(client.getThing(get, { maxRetries: undefined }));
  expect(sent).toHaveLength(3);
  expect(sent[1]?.headers.get('x-one')).toBe('client');
});

test('maxRetryAfterMs of a call limits the pause that a vendor may ask for', async () => {
  const limited = json({}, { status: 429, headers: { 'retry-after': '30' } });
  const { client, sent, clock } = thingClient([limited, json(thing)]);
  expect(await failureOf(client.getThing(get, { maxRetryAfterMs: 29_000 }))).toMatchObject({ retryAfterMs: 30_000 });
  expect(sent).toHaveLength(1);
  expect(clock.waited).toEqual([]);
});

test("fetch of a call replaces the client's fetch", async () => {
  const { client, sent } = thingClient([json(thing)]);
  await expect(client.getThing(get, { fetch: async () => json({ id: 'other' }) })).resolves.toEqual({ id: 'other' });
  expect(sent).toHaveLength(0);
});

test.each(['timeoutMs', 'deadlineMs', 'maxRetries', 'maxRetryAfterMs'])(
  'createClient and calls reject an option %s that is not a number of at least 0',
  async (name) => {
    expect(() => thingClient([], { [name]: Number.NaN })).toThrow(
      `acme: the option ${name} must be a number of at least 0`,
    );
    const { client, sent } = thingClient([json(thing)]);
    expect(await failureOf(client.getThing(get, { [name]: -1 }))).toMatchObject({ code: 'invalid-option' });
    expect(sent).toHaveLength(0);
  },
);

test('a stream is rejected as a body because it cannot be sent again', async () => {
  const { client, sent } = thingClient([json(thing)]);
  const body = new ReadableStream() as unknown as { name: string };
  const error = await failureOf(client.createThing({ body }));
  expect(error).toMatchObject({ code: 'invalid', attempts: 0, mayHaveTakenEffect: false });
  expect(error.message).toBe(
    'acme createThing (POST /things) was not sent: its body is a stream, which cannot be sent again. Read it into memory first.',
  );
  expect(sent).toHaveLength(0);
});

test.each([
  ['a body that cannot be JSON', { body: { name: 1n } }, {}],
  ['a header with a line break', order, { headers: { 'X-Note': 'a\nb' } }],
  ['a path parameter with a lone surrogate', { ...order, path: { id: '\ud800' } }, {}],
])('%s is rejected before the request is sent', async (_, args, options) => {
  const { client, sent } = thingClient([json(thing)]);
  const call = 'path' in args ? client.getThing(args, options) : client.createThing(args as typeof order, options);
  expect(await failureOf(call)).toMatchObject({ code: 'invalid', attempts: 0, mayHaveTakenEffect: false });
  expect(sent).toHaveLength(0);
});

test('a list in a query is repeated, and undefined and null are left out', async () => {
  const { client, sent } = thingClient([json([])]);
  const query = { gpu: ['a b', 'c'] as unknown as string, none: undefined, nil: null };
  await client.getStock({ query });
  expect(sent[0]?.url).toBe('https://api.acme.test/stock?gpu=a+b&gpu=c');
});

test('an ApiError holds the idempotency key of its call', async () => {
  const { client, sent } = thingClient([json({}, { status: 500 })]);
  const made = await failureOf(client.orderThing(order));
  expect(made.idempotencyKey).toBe(sent[0]?.headers.get('idempotency-key'));
  expect(made.toJSON()).toMatchObject({ idempotencyKey: made.idempotencyKey, attempts: 3 });
  expect((await failureOf(client.orderThing(order, { idempotencyKey: 'mine' }))).idempotencyKey).toBe('mine');
  expect((await failureOf(client.createThing(order))).idempotencyKey).toBeUndefined();
});
