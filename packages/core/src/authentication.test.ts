import { expect, test } from 'vitest';
import { json, thingClient } from './__fixtures__/things.ts';
import { formPairAuth } from './authentication.ts';

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
