import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failureOf, operations, type ThingOperations, thingClient } from './__fixtures__/things.ts';
import { createHandlers, type MockOptions, unchecked } from './msw.ts';

const examples = {
  getThing: { status: 200, contentType: 'application/json', body: { id: 'example' } },
  createThing: { status: 201, contentType: 'text/plain', body: 'bare text' },
  deleteThing: { status: 204 },
  getCount: { status: 200, contentType: 'application/json', body: 3 },
};
const server = setupServer();
const { client } = thingClient([], { fetch: undefined });
const get = { path: { id: 'a' } };

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function mock(options: MockOptions<ThingOperations> = {}) {
  server.use(...createHandlers(operations, examples, options, 'https://api.acme.test/'));
}

test('createHandlers answers every operation with its example', async () => {
  mock();
  await expect(client.getThing(get)).resolves.toEqual({ id: 'example' });
  await expect(client.createThing({ body: { name: 'a' } })).resolves.toBe('bare text');
  await expect(client.deleteThing(get)).resolves.toBeUndefined();
});

test('createHandlers answers /things/count with its own example', async () => {
  mock();
  await expect(client.getCount()).resolves.toBe(3);
});

test('createHandlers answers with the given answers instead of the examples', async () => {
  mock({
    answers: {
      getThing: unchecked({ status: 404, body: { message: 'gone' } }),
      getCount: ({ request }) => ({ status: 200, body: request.method.length + 4 }),
    },
  });
  expect(await failureOf(client.getThing(get))).toMatchObject({ code: 'not-found', body: { message: 'gone' } });
  await expect(client.getCount()).resolves.toBe(7);
});
