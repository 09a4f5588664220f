import { expect, test, vi } from 'vitest';
import { brokenConnection, failureOf, json, type Reaction, thingClient } from './__fixtures__/things.ts';

vi.mock('./explain-failure.ts', () => {
  throw new Error('Failed to fetch dynamically imported module');
});

const refused: Reaction = json(
  { message: 'secret-token is wrong' },
  { status: 429, headers: { 'Retry-After': '900' } },
);

test.each([
  ['rate-limit', refused, { status: 429, retryAfter: 900_000, mayHaveTakenEffect: false }],
  ['connection', brokenConnection(), { status: undefined, mayHaveTakenEffect: true }],
  ['timeout', 'silence', { status: undefined, mayHaveTakenEffect: true }],
  ['unreadable', new Response('<html>'), { status: 200, mayHaveTakenEffect: true }],
] as const)('a failure keeps its facts where its words cannot be loaded: %s', async (code, reaction, facts) => {
  const { client } = thingClient([reaction]);
  const error = await failureOf(client.createThing({ body: { name: 'a' } }));
  expect(error).toMatchObject({ code, operation: 'createThing', attempts: 1, ...facts });
  expect(error.message).toBe(`acme createThing (POST /things) failed: ${code}.`);
});
