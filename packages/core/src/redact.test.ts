import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redact, redactText, secretsIn } from './redact.ts';

test.each([
  'password',
  'api_key',
  'apiKey',
  'api_token',
  'token',
  'secret',
  'Authorization',
  'private_key',
  'client_secret',
  'access_token',
  'refresh_token',
  'jupyter_token',
  'jupyterToken',
])('redact masks the value under %s at any depth', (key) => {
  expect(redact({ list: [{ [key]: 'x', other: 'y' }] })).toEqual({ list: [{ [key]: '[redacted]', other: 'y' }] });
});

test('redact keeps values under names that only resemble secrets', () => {
  const value = { token_type: 'Bearer', secret_name: 'n', keys: ['k'], ssh_key: 'ssh-ed25519 AAAA', key: 'public' };
  expect(redact(value)).toEqual(value);
});

test.each([
  ['api_key=abc&x=1', 'api_key=[redacted]&x=1'],
  ['bad "api_token": "abc", sorry', 'bad "api_token": "[redacted]", sorry'],
  ['Authorization: Bearer abc', 'Authorization: [redacted]'],
  ['a -----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY----- z', 'a [redacted] z'],
])('redactText masks the secret in %j', (text, expected) => {
  expect(redactText(text)).toBe(expected);
});

test('redact masks a known secret everywhere, also URL-encoded and as a key', () => {
  const secret = fc.string({ minLength: 4 }).filter((text) => !'[redacted]'.includes(text));
  fc.assert(
    fc.property(secret, fc.string(), (secret, around) => {
      const redacted = JSON.stringify(
        redact({ [`${around}${secret}`]: [around + secret, encodeURIComponent(secret)] }, [secret]),
      );
      expect(redacted.replaceAll('[redacted]', '')).not.toContain(JSON.stringify(secret).slice(1, -1));
    }),
  );
});

test('redactText masks a known secret in a URL', () => {
  expect(redactText('https://a.test/?x=s%26cret%2F', ['s&cret/'])).toBe('https://a.test/?x=[redacted]');
});

test('secretsIn returns the values under the names of secrets', () => {
  const body = { password: 'pppp', name: 'n', env: [{ api_key: 'kkkk' }], token: 70707, secret: { parts: ['ssss'] } };
  expect(secretsIn(body)).toEqual(['pppp', 'kkkk', '70707', 'ssss']);
});

test('redact masks `value` beside `name`, and no other `value`', () => {
  const named = { name: 'HF_TOKEN', value: 'hf_abcdef' };
  expect(redact({ env: [named], limit: { value: 7 } })).toEqual({
    env: [{ name: 'HF_TOKEN', value: '[redacted]' }],
    limit: { value: 7 },
  });
  expect(secretsIn({ env: [named] })).toEqual(['hf_abcdef']);
});

test('redactText masks a secret that is cut off at the end of a text', () => {
  expect(redactText('{"echo":"token-abcd', ['token-abcdefgh'])).toBe('{"echo":"[redacted]');
});

test('redactText masks the longer of two overlapping secrets first', () => {
  expect(redactText('abcdefgh', ['abcd', 'abcdefgh'])).toBe('[redacted]');
});

test('redactText masks a secret as written in JSON and in forms', () => {
  expect(redactText(JSON.stringify({ note: 'a"b\\c' }), ['a"b\\c'])).toBe('{"note":"[redacted]"}');
  expect(redactText(`x=${new URLSearchParams({ a: "it's me" })}`, ["it's me"])).toBe('x=a=[redacted]');
});

test('redact masks deeply nested values without a stack overflow', () => {
  let deep: unknown = 'x';
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(JSON.stringify(redact(deep))).toContain('[redacted]');
  expect(secretsIn({ password: deep })).toEqual([]);
});

test('redact masks circular references in little time', () => {
  const value: Record<string, unknown> = { name: 'a', password: 'hunter22' };
  Object.assign(value, { one: value, other: value, list: [value] });
  expect(redact(value)).toEqual({
    name: 'a',
    password: '[redacted]',
    one: '[redacted]',
    other: '[redacted]',
    list: ['[redacted]'],
  });
  expect(secretsIn(value)).toEqual(['hunter22']);
});
