import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failureOf, operations, type ThingOperations, thingClient } from './__fixtures__/things.ts';
import { connectionLost, operationHandlers, unchecked } from './msw.ts';

const examples = {
  getThing: { status: 200, contentType: 'application/json', body: { id: 'example' } },
  getCount: { status: 200, contentType: 'application/json', body: 3 },
};
const things = operationHandlers<Pick<ThingOperations, keyof typeof operations>>(operations, examples, {
  baseUrl: 'https://api.acme.test/',
});
const server = setupServer();
const { client } = thingClient([], { fetch: undefined, maxRetries: 0 });
const get = { path: { id: 'a' } };

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('an operation handler answers with the example by default', async () => {
  server.use(things.getThing());
  await expect(client.getThing(get)).resolves.toEqual({ id: 'example' });
  server.use(things.getThing({ status: 200, body: { id: 'b' } }));
  await expect(client.getThing(get)).resolves.toEqual({ id: 'b' });
});

test('a resolver gets path parameters, query, and body, and returns data', async () => {
  server.use(
    things.getThing(({ params, example }) => ({ status: 200, body: { id: `${example.id} ${params.id}` } })),
    things.listThings(({ query }) => ({ status: 200, body: { data: [{ id: query.get('cursor') ?? 'none' }] } })),
    things.createThing(async ({ body, request }) => {
      const { name } = await body();
      return { status: 200, body: { id: `${name} ${(await body()).name} ${request.method}` } };
    }),
    things.submitThing(async ({ body }) => ({ status: 200, body: { id: String((await body()).spot) } })),
  );
  await expect(client.getThing({ path: { id: 'a/ä' } })).resolves.toEqual({ id: 'example a/ä' });
  await expect(client.listThings({ query: { cursor: 'c' } })).resolves.toEqual({ data: [{ id: 'c' }] });
  await expect(client.createThing({ body: { name: 'n' } })).resolves.toEqual({ id: 'n n POST' });
  await expect(client.submitThing({ body: { spot: true } })).resolves.toEqual({ id: 'true' });
});

test('a resolver gets a fresh copy of the example for each request', async () => {
  server.use(
    things.getThing(({ example }) => {
      const body = { id: example.id };
      example.id = 'spoilt';
      return { status: 200, body };
    }),
  );
  await client.getThing(get);
  await expect(client.getThing(get)).resolves.toEqual({ id: 'example' });
});

test('a handler for /things/{id} does not answer /things/count, in any order of handlers', async () => {
  server.use(things.getThing({ status: 200, body: { id: 'b' } }), things.getCount());
  await expect(client.getCount()).resolves.toBe(3);
  await expect(client.getThing({ path: { id: 'b' } })).resolves.toEqual({ id: 'b' });
});

test('a handler with once answers a single request', async () => {
  server.use(things.getThing());
  server.use(things.getThing(unchecked({ status: 500, body: { message: 'broken' } }), { once: true }));
  expect(await failureOf(client.getThing(get))).toMatchObject({ code: 'server', status: 500 });
  await expect(client.getThing(get)).resolves.toEqual({ id: 'example' });
});

test('a resolver that returns undefined leaves the request to the next handler', async () => {
  server.use(things.getThing());
  server.use(things.getThing(({ params }) => (params.id === 'a' ? undefined : { status: 200, body: { id: 'b' } })));
  await expect(client.getThing(get)).resolves.toEqual({ id: 'example' });
});

test('an unchecked answer can be used several times and keeps its headers', async () => {
  const page = unchecked({ status: 502, contentType: 'text/html', body: '<html>', headers: { 'x-request-id': 'r' } });
  server.use(things.getThing(page));
  for (const _ of [1, 2]) {
    expect(await failureOf(client.getThing(get))).toMatchObject({ status: 502, requestId: 'r', body: '<html>' });
  }
});

test('connectionLost breaks the connection', async () => {
  server.use(things.createThing(connectionLost()));
  const error = await failureOf(client.createThing({ body: { name: 'n' } }));
  expect(error).toMatchObject({ code: 'connection', mayHaveTakenEffect: true });
});

test('a handler can be bound to any base URL', async () => {
  server.use(things.getThing(undefined, { baseUrl: '*' }));
  const answer = await fetch('http://elsewhere.test/things/a');
  expect(await answer.json()).toEqual({ id: 'example' });
});
