import { expect, it } from 'vitest';
import { secretsIn } from './find-secrets.ts';

const secrets = new Map([['TOKEN', 'planted-token-0123456789abcdef']]);

it.each(['', ' ', '  '])('a secret is found as it is and in base64, wherever it stands (%j before it)', (before) => {
  const text = `${before}planted-token-0123456789abcdef and more`;
  expect(secretsIn(Buffer.from(text), secrets)).toEqual(['TOKEN']);
  expect(secretsIn(Buffer.from(Buffer.from(text).toString('base64')), secrets)).toEqual(['TOKEN']);
});

it('what was masked is not found', () => {
  expect(secretsIn(Buffer.from('token ******************************'), secrets)).toEqual([]);
});
