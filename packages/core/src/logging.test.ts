import { expect, test } from 'vitest';
import { failureOf, json, thingClient } from './__fixtures__/things.ts';
import { formPairAuth } from './authentication.ts';
import { type LogEntry, type LogOptions, logHooks } from './logging.ts';

function logged(answers: Response[], options?: LogOptions) {
  const entries: LogEntry[] = [];
  const hooks = logHooks((entry) => entries.push(entry), options);
  const auth = formPairAuth({ api_key: 'the-api-key', api_token: 'the-api-token' });
  return { entries, ...thingClient(answers, { hooks, auth }) };
}

const failing = () => [json({}, { status: 503 }), json({ message: 'No.', password: 'clear-text' }, { status: 404 })];

test('logHooks logs each attempt of a call', async () => {
  const { client, entries } = logged(failing());
  const error = await failureOf(client.getThing({ path: { id: 'a' } }));
  expect(entries.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'debug: acme getThing (GET /things/{id}) is sent, attempt 1',
    'debug: acme getThing (GET /things/{id}) was answered 503 in 0 ms',
    'warn: acme getThing (GET /things/{id}) is retried in 250 ms, after attempt 1',
    'debug: acme getThing (GET /things/{id}) is sent, attempt 2',
    'debug: acme getThing (GET /things/{id}) was answered 404 in 0 ms',
    `error: ${error.message}`,
  ]);
  expect(entries[0]?.fields).toEqual({ path: { id: 'a' }, query: undefined });
  expect(entries[1]?.fields).toMatchObject({ status: 503, headers: { 'content-type': 'application/json' } });
  expect(entries.at(-1)?.fields).toMatchObject({ code: 'not-found', status: 404, attempts: 2, path: '/things/{id}' });
});

test('logHooks logs a missing response as a warning', async () => {
  const { client, entries } = logged([]);
  await failureOf(client.createThing({ body: { name: 'a' } }, { timeoutMs: 7, fetch: () => new Promise(() => {}) }));
  expect(entries[1]).toMatchObject({ level: 'warn', fields: { code: 'timeout', durationMs: 7 } });
});

test('logHooks logs only query values that are known or declared to be harmless', async () => {
  const asking = { query: { limit: 5, gpu: 'h100' } };
  for (const [options, gpu] of [
    [{}, '[not shown]'],
    [{ query: ['gpu'] }, 'h100'],
  ] as const) {
    const { client, entries } = logged([json([])], options);
    await client.getStock(asking);
    expect(entries[0]?.fields).toMatchObject({ query: { limit: 5, gpu } });
  }
});

test('logHooks logs bodies only if asked to, and redacts them', async () => {
  const order = { body: { name: 'trainer', password: 'hunter22' } };
  const quiet = logged(failing());
  await failureOf(quiet.client.createThing(order));
  expect(JSON.stringify(quiet.entries)).not.toMatch(/trainer|hunter22|clear-text|the-api/);
  const open = logged([json({ message: 'No.', password: 'clear-text' }, { status: 404 })], { bodies: true });
  await failureOf(open.client.createThing(order));
  expect(open.entries[0]?.fields).toMatchObject({ body: { name: 'trainer', password: '[redacted]' } });
  expect(open.entries.at(-1)?.fields).toMatchObject({ body: { message: 'No.', password: '[redacted]' } });
  expect(JSON.stringify(open.entries)).not.toMatch(/hunter22|clear-text|the-api/);
});
