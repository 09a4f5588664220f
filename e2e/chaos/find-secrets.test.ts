import { expect, it } from 'vitest';
import { secretsIn } from './find-secrets.ts';

const secrets = new Map([['TOKEN', 'planted-token-0123456789abcdef']]);

it.each(['', ' ', '  '])('secretsIn finds a secret in plain text and in base64 at any offset (after %j)', (before) => {
  const text = `${before}planted-token-0123456789abcdef and more`;
  expect(secretsIn(Buffer.from(text), secrets)).toEqual(['TOKEN']);
  expect(secretsIn(Buffer.from(Buffer.from(text).toString('base64')), secrets)).toEqual(['TOKEN']);
});

it('secretsIn does not find a masked secret', () => {
  expect(secretsIn(Buffer.from('token ******************************'), secrets)).toEqual([]);
});
