import { describe, expect, test } from 'vitest';
import { brokenConnection, failureOf, json, thingClient } from './__fixtures__/things.ts';
import { formPairAuth } from './authentication.ts';
import type { Hooks } from './hooks.ts';
import { oauth2ClientCredentials } from './oauth2-client-credentials.ts';

const thing = { id: 'a' };
const get = { path: { id: 'a' } };

/** Hooks that write down their names and, of their events, what is plain data. */
function notes() {
  const seen: { readonly name: string; readonly [field: string]: unknown }[] = [];
  const calls = new Set<unknown>();
  const note =
    (name: string) =>
    ({ call, ...event }: { readonly call: unknown }) => {
      calls.add(call);
      seen.push({ name, ...event });
    };
  const names = ['onCall', 'onRequest', 'onResponse', 'onNoResponse', 'onRetry', 'onDone', 'onError'] as const;
  const hooks: Hooks = Object.fromEntries(names.map((name) => [name, note(name)]));
  return { hooks, seen, calls, names: () => seen.map(({ name }) => name) };
}

describe('hooks', () => {
  test('hooks get the events of a call and its attempts in order', async () => {
    const { hooks, seen, calls, names } = notes();
    const { client } = thingClient([brokenConnection(), json({}, { status: 503 }), json(thing)], { hooks });
    await client.getThing(get);
    expect(names()).toEqual([
      ...['onCall', 'onRequest', 'onNoResponse', 'onRetry', 'onRequest', 'onResponse', 'onRetry'],
      ...['onRequest', 'onResponse', 'onDone'],
    ]);
    expect(seen.filter(({ name }) => name === 'onRequest').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(seen[2]).toMatchObject({ attempt: 1, code: 'connection', durationMs: 0 });
    expect(seen[3]).toMatchObject({ attempt: 1, delayMs: 250 });
    expect(seen[5]).toMatchObject({ attempt: 2, status: 503 });
    expect(seen.at(-1)).toMatchObject({ attempts: 3, durationMs: 750 });
    expect(calls.size).toBe(1);
  });

  test('onError gets the same error as the caller', async () => {
    const { hooks, seen } = notes();
    const { client } = thingClient(['silence'], { hooks });
    const error = await failureOf(client.createThing({ body: { name: 'a' } }));
    expect(seen.at(-2)).toMatchObject({ name: 'onNoResponse', code: 'timeout', durationMs: 30_000 });
    expect(seen.at(-1)).toMatchObject({ name: 'onError', attempts: 1, durationMs: 30_000 });
    expect(seen.at(-1)?.error).toBe(error);
  });

  test('hooks get the events of raw requests', async () => {
    const { hooks, names } = notes();
    const { raw } = thingClient([json({}, { status: 404 })], { hooks });
    await raw.GET('/things/{id}', { params: get });
    expect(names()).toEqual(['onCall', 'onRequest', 'onResponse', 'onDone']);
  });

  test('a hook that throws or rejects does not break the call', async () => {
    const hooks = [
      { onRequest: () => expect.fail('thrown') },
      { onResponse: async () => expect.fail('rejected') },
      { onDone: () => expect.fail('thrown') },
    ];
    const { client } = thingClient([json(thing)], { hooks });
    await expect(client.getThing(get)).resolves.toEqual(thing);
  });

  test('several hooks get the same events', async () => {
    const [one, other] = [notes(), notes()];
    const { client } = thingClient([json(thing)], { hooks: [one.hooks, other.hooks] });
    await client.getThing(get);
    expect(other.names()).toEqual(one.names());
    expect(one.names()).toHaveLength(4);
  });

  test('hooks see redacted arguments and no credentials', async () => {
    const asked: unknown[] = [];
    const everything: unknown[] = [];
    const hooks: Hooks = {
      onRequest: ({ call, ...event }) => everything.push(call, event, asked.push(call.arguments())),
      onResponse: ({ call, header, ...event }) => everything.push(call, event, header('x-request-id')),
    };
    const pair = { api_key: 'the-api-key', api_token: 'the-api-token' };
    const answer = () =>
      json({ ...thing, data: [] }, { headers: { 'X-Request-Id': 'r-1', 'Set-Cookie': 'session=abcdef' } });
    const { client, sent } = thingClient(answer, { hooks, auth: formPairAuth(pair) });
    await client.createThing({ body: { name: 'a', password: 'hunter22' } });
    await client.listThings({ query: { limit: 5 } });
    expect(sent[1]?.url).toContain('the-api-key');
    expect(asked).toEqual([
      { path: undefined, query: undefined, body: { name: 'a', password: '[redacted]' } },
      { path: undefined, query: { limit: 5 }, body: undefined },
    ]);
    expect(everything).toContain('r-1');
    expect(JSON.stringify(everything)).not.toMatch(/the-api|hunter22|abcdef/);
  });

  test('hooks get the events of a token request as a call of its own', async () => {
    const operations: string[] = [];
    const hooks: Hooks = { onDone: ({ call }) => void operations.push(call.operation) };
    const auth = oauth2ClientCredentials({ tokenPath: '/token', clientId: 'id', clientSecret: 'the-client-secret' });
    const { client } = thingClient(({ url }) => json(url.endsWith('/token') ? { access_token: 'token' } : thing), {
      hooks,
      auth,
    });
    await client.getThing(get);
    expect(operations).toEqual(['requestToken', 'getThing']);
  });
});
