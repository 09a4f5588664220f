import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';
import { ApiError } from './api-error.ts';

const get = { path: { id: 'a' } };

test.each([
  [400, 'invalid'],
  [401, 'authentication'],
  [402, 'funds'],
  [403, 'permission'],
  [404, 'not-found'],
  [409, 'conflict'],
  [410, 'not-found'],
  [418, 'invalid'],
  [422, 'invalid'],
  [408, 'timeout'],
  [429, 'rate-limited'],
  [500, 'server'],
  [503, 'server'],
  [302, 'unreadable'],
])('HTTP status %i becomes the error code %s', async (status, code) => {
  const { client } = thingClient([json({}, { status })]);
  expect((await failureOf(client.getThing(get, { maxRetries: 0 }))).code).toBe(code);
});

test('ApiError.isInstance accepts an error of another copy of this package', () => {
  const brand = Symbol.for('@gpu-clouds/core/ApiError');
  expect(ApiError.isInstance(Object.assign(new Error('x'), { [brand]: true }))).toBe(true);
  expect(ApiError.isInstance(new Error('x'))).toBe(false);
  expect(ApiError.isInstance(undefined)).toBe(false);
});

describe('ApiError', () => {
  test('an ApiError message names the operation, quotes the vendor, and ends with advice', async () => {
    const body = { code: 'insufficient_funds', message: 'Balance too low.', request_id: 'r-1' };
    const { client } = thingClient([json(body, { status: 402 })]);
    const error = await failureOf(client.createThing({ body: { name: 'a' } }));
    expect(error.message).toBe(
      'acme createThing (POST /things) was refused with 402: Balance too low. Top up the account, or set up a payment method.',
    );
    expect(error.toJSON()).toEqual({
      name: 'ApiError',
      message: error.message,
      code: 'funds',
      vendor: 'acme',
      operation: 'createThing',
      method: 'POST',
      path: '/things',
      status: 402,
      attempts: 1,
      body,
      vendorCode: 'insufficient_funds',
      vendorMessage: 'Balance too low.',
      requestId: 'r-1',
      retryAfterMs: undefined,
      mayHaveTakenEffect: false,
      retryBudgetSpent: false,
    });
  });

  test.each([
    [
      'a problem document',
      { type: 'about:blank', title: 'Bad', detail: 'No such region' },
      'No such region',
      'about:blank',
    ],
    [
      'an OAuth2 error',
      { error: 'invalid_client', error_description: 'Unknown client' },
      'Unknown client',
      'invalid_client',
    ],
    ['a nested error', { error: { code: 'E1', message: 'Nested' } }, 'Nested', 'E1'],
    ['a bare error', { error: 'Out of stock' }, 'Out of stock', undefined],
  ])('the vendor message of an ApiError is taken from %s', async (_, body, said, vendorCode) => {
    const { client } = thingClient([json(body, { status: 400 })]);
    const error = await failureOf(client.getThing(get));
    expect(error.message).toContain(said);
    expect(error.vendorCode).toBe(vendorCode);
  });

  test('vendorMessage holds the first 8,192 characters of the vendor, without secrets', async () => {
    const long = `secret-token ${'y'.repeat(9000)}`;
    const { client } = thingClient([json({ message: long }, { status: 400 })]);
    const { vendorMessage = '' } = await failureOf(client.getThing(get));
    expect(vendorMessage).toHaveLength(8192);
    expect(vendorMessage).toMatch(/^\[redacted\] y+$/);
  });

  test("vendorMessage holds the vendor's words of a failure with status 200, and never our own", async () => {
    const failureOfAnswer = (answer: unknown) => (answer as { no: { message?: string; reason?: string } }).no;
    const answers = [json({ no: { message: 'No GPUs.' } }), json({ no: { reason: 'no reason is given' } })];
    const { client } = thingClient(answers, { quirks: { failureOf: failureOfAnswer } });
    expect((await failureOf(client.getThing(get))).vendorMessage).toBe('No GPUs.');
    const silent = await failureOf(client.getThing(get));
    expect(silent.vendorMessage).toBeUndefined();
    expect(silent.message).toContain('no reason is given');
  });

  test("vendorMessage is undefined for a web page, which may be a proxy's", async () => {
    const { client } = thingClient([new Response('<h1>out of stock</h1>', { status: 503 }), new Response('<p>')]);
    expect((await failureOf(client.createThing({ body: { name: 'a' } }))).vendorMessage).toBeUndefined();
    expect((await failureOf(client.getThing(get))).vendorMessage).toBeUndefined();
  });

  test('an ApiError message shortens plain text and leaves out a web page', async () => {
    const { client } = thingClient([
      new Response(`${'x'.repeat(1000)}`, { status: 400 }),
      new Response('<p>', { status: 400 }),
    ]);
    expect((await failureOf(client.getThing(get))).message.length).toBeLessThan(400);
    expect((await failureOf(client.getThing(get))).message).not.toContain('<p>');
  });

  test('the request id of an ApiError is taken from a response header', async () => {
    const { client } = thingClient([json({}, { status: 400, headers: { 'x-request-id': 'r-2' } })]);
    expect((await failureOf(client.getThing(get))).requestId).toBe('r-2');
  });

  test('an ApiError shows no credential that the vendor or the network repeats', async () => {
    const body = {
      message: 'token secret-token, password hunter22',
      echo: { password: 'hunter22', note: 'secret-token' },
    };
    const broken = new TypeError('fetch failed', { cause: new Error('cannot send Bearer secret-token') });
    const { client } = thingClient([json(body, { status: 400 }), broken]);
    const call = () => failureOf(client.createThing({ body: { name: 'a', password: 'hunter22' } }));
    for (const error of [await call(), await call()]) {
      const everything = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${error.stack}`;
      expect(everything).not.toMatch(/secret-token|hunter22/);
    }
  });
});
