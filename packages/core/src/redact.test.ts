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

test('redactText masks a secret with spaces as URLs and forms write it', () => {
  expect(redactText('a=one%20two&b=one+two&c=one two', ['one two'])).toBe('a=[redacted]&b=[redacted]&c=[redacted]');
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

test.each([
  ...['passwd', 'passphrase', 'cookie', 'hf_token', 'hf-token', 'apikey', 'api-key', 'my_api_key', 'privateKey'],
  ...['private-key', 'access_key', 'accessKey', 'account_key', 'accountkey', 'aws_secret', 'docker_config_json'],
  ...['scaleway_uuid', 'base64_content', 'value_or_reference_to_secret'],
])('redact masks the value under %s', (key) => {
  expect(redact({ [key]: 'x' })).toEqual({ [key]: '[redacted]' });
});

test.each([
  ...['passwords', 'my password', 'cookies', 'authorizations', 'x authorization', 'token_id', 'a token', 'secrets'],
  ...['keyring', 'api__key', 'docker_config_json2', 'a scaleway_uuid', 'private key'],
])('redact keeps the value under %s', (key) => {
  expect(redact({ [key]: 'x' })).toEqual({ [key]: 'x' });
});

test('redact keeps null and undefined under the names of secrets, and masks 0 and false', () => {
  const value = { password: null, token: undefined, secret: 0, api_key: false };
  expect(redact(value)).toEqual({ password: null, token: undefined, secret: '[redacted]', api_key: '[redacted]' });
  expect(redact([null, undefined, 1, true])).toEqual([null, undefined, 1, true]);
});

test('secretsIn returns neither empty values nor what has no secret name', () => {
  expect(secretsIn({ password: '', token: null, secret: [0, 'ssss'], name: 'n', value: 7 })).toEqual(['ssss', '7']);
  expect([secretsIn('text'), secretsIn(null)]).toEqual([[], []]);
});

/** `x` within this many arrays. */
function nested(arrays: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < arrays; level++) value = [value];
  return value;
}

test('redact and secretsIn walk values of ordinary depth', () => {
  expect(redact(nested(65))).toEqual(nested(65));
  expect(JSON.stringify(redact(nested(66)))).toContain('[redacted]');
  expect(secretsIn({ password: nested(64) })).toEqual(['x']);
  expect(secretsIn({ password: nested(65) })).toEqual([]);
});

test.each([
  ['password=abc', 'password=[redacted]'],
  ['my_password: abc', 'my_password: [redacted]'],
  ["authorization='abc'", "authorization='[redacted]'"],
  ['authorization=bearer   abc def', 'authorization=[redacted] def'],
  ['access_token=abc;x', 'access_token=[redacted];x'],
  ['accesstoken=abc,x', 'accesstoken=[redacted],x'],
  ['{refresh_token:abc}', '{refresh_token:[redacted]}'],
  ['jupytertoken = abc x', 'jupytertoken = [redacted] x'],
  ['client_secret=abc', 'client_secret=[redacted]'],
  ['clientsecret=abc', 'clientsecret=[redacted]'],
  ['apikey=abc', 'apikey=[redacted]'],
  ['private_key=abc', 'private_key=[redacted]'],
  ['privatekey=abc', 'privatekey=[redacted]'],
  ['access_key=abc', 'access_key=[redacted]'],
  ['HF_TOKEN=abc', 'HF_TOKEN=[redacted]'],
  ['AWS_SECRET=abc', 'AWS_SECRET=[redacted]'],
  ['a -----BEGIN PRIVATE KEY-----\nabc', 'a [redacted]'],
  [
    '-----BEGIN RSA PRIVATE KEY-----\na\n-----END RSA PRIVATE KEY----- and -----BEGIN PRIVATE KEY-----b-----END PRIVATE KEY-----',
    '[redacted] and [redacted]',
  ],
])('redactText masks what looks like a secret in %j', (text, expected) => {
  expect(redactText(text)).toBe(expected);
});

test.each(['xpassword=abc', 'the password is abc', 'token_type=abc', 'a -----BEGIN PUBLIC KEY----- b', 'password='])(
  'redactText keeps %j',
  (text) => {
    expect(redactText(text)).toBe(text);
  },
);

test('redactText masks secrets of four characters and more', () => {
  expect(redactText('abc abcd', ['abc'])).toBe('abc abcd');
  expect(redactText('abc abcd.', ['abcd'])).toBe('abc [redacted].');
});

test('redactText masks a secret that is cut off at the end if at least half of it, and four characters, are there', () => {
  expect(redactText('x abcde', ['abcdefghij'])).toBe('x [redacted]');
  expect(redactText('x abcd', ['abcdefghij'])).toBe('x abcd');
  expect(redactText('x abcd', ['abcde'])).toBe('x [redacted]');
  expect(redactText('x abc', ['abcde'])).toBe('x abc');
});
