import { describe, expect, test } from 'vitest';
import { failureOf, json, type ThingOperations, thingClient } from './__fixtures__/things.ts';
import { createRawClient, type RawClient } from './raw-client.ts';

const thing = { id: 'a' };
const get = { path: { id: 'a' } };
const name = { body: { name: 'a' } };
const typed = (body: string | null, type: string, status = 200) =>
  new Response(body, { status, headers: { 'content-type': type } });

test('createRawClient refuses an object that is not a client', () => {
  expect(() => createRawClient({})).toThrow('The raw client needs a client that was made by createClient.');
});

describe('the raw client', () => {
  test("a raw request with its own fetch uses the client's credentials and retries", async () => {
    const { raw, sent } = thingClient([]);
    const seen: (string | null)[] = [];
    const fetch = async ({ headers }: Request) => {
      seen.push(headers.get('authorization'));
      return json(thing, { status: seen.length === 1 ? 503 : 200 });
    };
    expect((await raw.GET('/things/{id}', { params: get, fetch })).data).toEqual(thing);
    expect(seen).toEqual(['Bearer secret-token', 'Bearer secret-token']);
    expect(sent).toHaveLength(0);
  });

  test('a raw request uses the credentials and retries of the client', async () => {
    const { raw, sent } = thingClient([json({}, { status: 503 }), json(thing)]);
    const { data, error } = await raw.GET('/things/{id}', { params: get });
    expect(data).toEqual(thing);
    expect(error).toBeUndefined();
    expect(sent).toHaveLength(2);
    expect(sent[1]?.headers.get('authorization')).toBe('Bearer secret-token');
  });

  test('the raw client returns an error response as an answer', async () => {
    const { raw } = thingClient([json({ message: 'no' }, { status: 404 })]);
    const { data, response } = await raw.GET('/things/{id}', { params: get });
    expect(data).toBeUndefined();
    expect(response.status).toBe(404);
  });

  test('the raw client retries a write only to an unknown path and with an idempotency key', async () => {
    const { raw, sent } = thingClient([json({}, { status: 503 })]);
    await raw.POST('/things', name);
    expect(sent).toHaveLength(1);
    const unknown = raw as unknown as RawClient<Record<'/new', { post: ThingOperations['createThing'] }>>;
    await unknown.POST('/new', { ...name, headers: { 'Idempotency-Key': 'k' } });
    expect(sent).toHaveLength(4);
  });

  test('the raw client sends forms as forms', async () => {
    const { raw, sent } = thingClient([json(thing)]);
    await raw.POST('/forms', { body: { name: 'ä' }, headers: { 'X-Trace': 't' } });
    expect(sent[0]?.body).toBe('name=%C3%A4');
    expect(sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(sent[0]?.headers.get('x-trace')).toBe('t');
  });

  test('the raw client rejects a web page with status 200, but returns it as text if asked to', async () => {
    const { raw } = thingClient([typed('<html>', 'text/html')]);
    expect(await failureOf(raw.GET('/stock'))).toMatchObject({ code: 'unreadable' });
    const { data } = await raw.GET('/stock', { parseAs: 'text' });
    expect(data).toBe('<html>');
  });

  test('the raw client returns a response made by a middleware', async () => {
    const { raw, sent } = thingClient([json(thing)]);
    raw.use({ onRequest: () => json({ message: 'offline' }, { status: 503 }) });
    const { error, response } = await raw.POST('/things', name);
    expect(error).toEqual({ message: 'offline' });
    expect(response.status).toBe(503);
    expect(sent).toHaveLength(0);
  });

  test('middleware of the raw client does not affect methods, and can be ejected', async () => {
    const { client, raw } = thingClient([json({ id: 'other' })]);
    const middleware = { onResponse: () => json(thing) };
    raw.use(middleware);
    expect((await raw.GET('/things/{id}', { params: get })).data).toEqual(thing);
    await expect(client.getThing(get)).resolves.toEqual({ id: 'other' });
    raw.eject(middleware);
    expect((await raw.GET('/things/{id}', { params: get })).data).toEqual({ id: 'other' });
  });

  test('the raw client rejects a stream as a body', async () => {
    const { raw, sent } = thingClient([json(thing)]);
    const body = new ReadableStream() as unknown as { name: string };
    expect(await failureOf(raw.POST('/things', { body }))).toMatchObject({ code: 'invalid', attempts: 0 });
    expect(sent).toHaveLength(0);
  });

  test('the raw client respects a signal', async () => {
    const { raw } = thingClient(['silence']);
    const error = await failureOf(raw.GET('/stock', { signal: AbortSignal.abort() }));
    expect(error.code).toBe('aborted');
  });

  test('the raw client rejects an empty path parameter', async () => {
    const { raw } = thingClient([json(thing)]);
    const error = await failureOf(raw.DELETE('/things/{id}', { params: { path: { id: '' } } }));
    expect(error.code).toBe('invalid');
  });
});
