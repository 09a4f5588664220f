import { describe, expect, test } from 'vitest';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';

const thing = { id: 'a' };
const get = { path: { id: 'a' } };
const name = { body: { name: 'a' } };
const typed = (body: string | null, type: string, status = 200) =>
  new Response(body, { status, headers: { 'content-type': type } });

describe('a method', () => {
  test('a method sends its arguments to the path of its operation', async () => {
    const { client, sent } = thingClient([json({ data: [] })]);
    await client.listThings({ query: { limit: 5 } }, { headers: { 'X-Trace': 't' } });
    expect(sent[0]).toMatchObject({ method: 'GET', url: 'https://api.acme.test/things?limit=5' });
    expect(Object.fromEntries(sent[0]?.headers ?? [])).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer secret-token',
      'x-trace': 't',
    });
  });

  test('withResponse resolves to the answer and the response', async () => {
    const { client } = thingClient([json(thing, { headers: { 'x-left': '7' } })]);
    const { data, response } = await client.getThing(get).withResponse();
    expect(data).toEqual(thing);
    expect(response.headers.get('x-left')).toBe('7');
  });

  test("withResponse rejects without an unhandled rejection of the method's promise", async () => {
    const { client } = thingClient([json({}, { status: 404 })]);
    expect(await failureOf(client.getThing(get).withResponse())).toMatchObject({ code: 'not-found' });
  });

  test('a method escapes path parameters', async () => {
    const { client, sent } = thingClient([json(thing)]);
    await client.getThing({ path: { id: 'a/../b?c' } });
    expect(sent[0]?.url).toBe('https://api.acme.test/things/a%2F..%2Fb%3Fc');
  });

  test.each(['', ' ', '.', '..', undefined, null])(
    'a method rejects %j as a path parameter, which would be another path',
    async (id) => {
      const { client, sent } = thingClient([json(thing)]);
      const error = await failureOf(client.deleteThing({ path: { id: id as string } }));
      expect(error).toMatchObject({ code: 'invalid', attempts: 0, mayHaveTakenEffect: false });
      expect(error.message).toContain('the path parameter id must be');
      expect(sent).toHaveLength(0);
    },
  );

  test('a public method sends no credentials', async () => {
    const { client, sent } = thingClient([json([])]);
    await client.getStock();
    expect(sent[0]?.headers.has('authorization')).toBe(false);
  });

  test('a form body has booleans and numbers as text, lists as JSON, and no undefined fields', async () => {
    const { client, sent } = thingClient([json(thing)]);
    await client.submitThing({ body: { name: undefined, spot: false, ports: [22, 80] } });
    expect(sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(Object.fromEntries(new URLSearchParams(sent[0]?.body))).toEqual({ spot: 'false', ports: '[22,80]' });
  });

  test('a client looks up the global fetch for each call', async () => {
    const { client } = thingClient([], { fetch: undefined, baseUrl: 'http://127.0.0.1:1' });
    const { fetch } = globalThis;
    try {
      globalThis.fetch = async () => json(thing);
      await expect(client.getThing(get)).resolves.toEqual(thing);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  test('a call through the global fetch creates no request of its own', async () => {
    const { client } = thingClient([], { fetch: undefined, baseUrl: 'http://127.0.0.1:1' });
    const { fetch, Request } = globalThis;
    const given: unknown[] = [];
    try {
      globalThis.fetch = async (input) => {
        given.push(input);
        return json(thing);
      };
      await client.getThing(get);
      expect(given[0]).not.toBeInstanceOf(Request);
    } finally {
      globalThis.fetch = fetch;
    }
  });
});

describe('unexpected responses', () => {
  test('a web page with status 200 is an error', async () => {
    const { client } = thingClient([typed('<!doctype html><title>Login</title>', 'text/html')]);
    const error = await failureOf(client.getThing(get));
    expect(error).toMatchObject({ code: 'unreadable', status: 200 });
    expect(error.message).toBe(
      'acme getThing (GET /things/{id}) was answered 200 with a web page (text/html): <!doctype html><title>Login</title>.',
    );
  });

  test.each([500, 401])('an empty response with status %i is an error', async (status) => {
    const { client } = thingClient([new Response(null, { status, headers: { 'content-length': '0' } })]);
    const error = await failureOf(client.createThing(name));
    expect(error).toMatchObject({ status, body: undefined });
  });

  test('an empty answer to a read is an error', async () => {
    const { client } = thingClient([new Response('')]);
    expect(await failureOf(client.getThing(get))).toMatchObject({ code: 'unreadable' });
  });

  test('an empty answer to a write, and a 204, resolve to undefined', async () => {
    const { client } = thingClient([new Response(''), new Response(null, { status: 204 })]);
    await expect(client.deleteThing(get)).resolves.toBeUndefined();
    await expect(client.deleteThing(get)).resolves.toBeUndefined();
  });

  test('JSON is parsed under any content type and without one', async () => {
    const untyped = new Response(new TextEncoder().encode('{"id":"a"}'));
    expect(untyped.headers.has('content-type')).toBe(false);
    const { client } = thingClient([untyped, typed('{"id":"a"}', 'text/plain')]);
    await expect(client.getThing(get)).resolves.toEqual(thing);
    await expect(client.getThing(get)).resolves.toEqual(thing);
  });

  test('a body that arrives in pieces is joined in order, also within a character', async () => {
    const bytes = new TextEncoder().encode('{"id":"µ"}');
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const { client } = thingClient([new Response(body)]);
    expect(await client.getThing(get)).toEqual({ id: 'µ' });
  });

  test('incomplete JSON is an error, and the write may have taken effect', async () => {
    const { client } = thingClient([typed('{"id":', 'application/json', 201)]);
    const error = await failureOf(client.createThing(name));
    expect(error).toMatchObject({ code: 'unreadable', status: 201, mayHaveTakenEffect: true });
  });

  test("a failure with status 200 is an error if the vendor's quirks recognize it", async () => {
    const failing = (answer: unknown) =>
      (answer as { ok?: boolean }).ok === false ? { message: 'no GPUs.' } : undefined;
    const { client } = thingClient([json({ ok: false })], { quirks: { failureOf: failing } });
    const error = await failureOf(client.createThing(name));
    expect(error).toMatchObject({
      code: 'vendor-failure',
      status: 200,
      mayHaveTakenEffect: false,
      body: { ok: false },
    });
    expect(error.message).toBe('acme createThing (POST /things) failed, although the status is 200: no GPUs.');
  });
});
