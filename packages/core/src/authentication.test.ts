import { expect, test } from 'vitest';
import { json, thingClient } from './__fixtures__/things.ts';
import { formPairAuth, schemeAuth } from './authentication.ts';

const auth = formPairAuth({ api_key: 'kkkk', api_token: 'tttt' });
const fields = (text: string | undefined) => Object.fromEntries(new URLSearchParams(text));

test('formPairAuth sends credentials in the form body of a write, never in its URL', async () => {
  const { client, sent } = thingClient([json({ id: 'a' })], { auth });
  await client.submitThing({ body: { name: 'ä & b' } });
  expect(fields(sent[0]?.body)).toEqual({ name: 'ä & b', api_key: 'kkkk', api_token: 'tttt' });
  expect(sent[0]?.url).toBe('https://api.acme.test/forms');
});

test('formPairAuth adds a form body to a write without a body', async () => {
  const { raw, sent } = thingClient([json({ id: 'a' })], { auth });
  await raw.request('post', '/things' as never, {} as never);
  expect(fields(sent[0]?.body)).toEqual({ api_key: 'kkkk', api_token: 'tttt' });
  expect(sent[0]?.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
});

test('formPairAuth sends credentials in the query of a GET that needs them, and not to public operations', async () => {
  const { client, sent } = thingClient([json({ data: [] })], { auth });
  await client.listThings({ query: { limit: 1 } });
  await client.getStock({ query: { gpu: 'a' } });
  expect(sent.map(({ url }) => new URL(url).search)).toEqual(['?limit=1&api_key=kkkk&api_token=tttt', '?gpu=a']);
});

test('formPairAuth adds the credentials once to every attempt', async () => {
  const { client, sent } = thingClient([json({}, { status: 500 }), json({ data: [] })], { auth });
  await client.listThings();
  expect(sent.map(({ url }) => new URL(url).search)).toEqual(Array(2).fill('?api_key=kkkk&api_token=tttt'));
});

test('schemeAuth sends a key in the header that the scheme names', async () => {
  const keyAuth = schemeAuth({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'kkkk');
  const { client, sent } = thingClient([json({ data: [] })], { auth: keyAuth });
  await client.listThings();
  expect(sent[0]?.headers.get('x-api-key')).toBe('kkkk');
  expect(sent[0]?.headers.has('authorization')).toBe(false);
});

test('schemeAuth sends a key in the query parameter that the scheme names, once per attempt', async () => {
  const queryAuth = schemeAuth({ type: 'apiKey', in: 'query', name: 'key' }, 'k&k');
  const { client, sent } = thingClient([json({}, { status: 500 }), json({ data: [] })], { auth: queryAuth });
  await client.listThings();
  expect(sent.map(({ url }) => new URL(url).search)).toEqual(Array(2).fill('?key=k%26k'));
});

test('schemeAuth sends user and password as basic authentication in UTF-8, and never shows either form', async () => {
  const basic = schemeAuth({ type: 'http', scheme: 'basic' }, 'ann:pä:ss');
  const { client, sent } = thingClient([json({ data: [] })], { auth: basic });
  await client.listThings();
  const sentValue = Buffer.from('ann:pä:ss').toString('base64');
  expect(sent[0]?.headers.get('authorization')).toBe(`Basic ${sentValue}`);
  expect(basic.secrets).toEqual([sentValue, 'ann:pä:ss', 'pä:ss']);
});
