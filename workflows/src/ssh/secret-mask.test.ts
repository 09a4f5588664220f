import { randomNumbers } from '@gpu-clouds/jobs/test';
import { expect, it } from 'vitest';
import { masked, SecretMask } from './secret-mask.ts';

function maskedInPieces(secrets: string[], pieces: string[]): string {
  const mask = new SecretMask(secrets);
  return Buffer.concat([...pieces.map((piece) => mask.push(Buffer.from(piece))), mask.end()]).toString();
}

it('a secret becomes as many asterisks, and nothing else changes', () => {
  expect(maskedInPieces(['hunter22'], ['password is hunter22, again hunter22hunter22.\n'])).toBe(
    'password is ********, again ****************.\n',
  );
});

it('a secret that comes in pieces is masked too', () => {
  expect(maskedInPieces(['hunter22'], ['is hun', 'ter', '22!'])).toBe('is ********!');
});

it('what only begins like a secret comes through', () => {
  expect(maskedInPieces(['hunter22'], ['the hunt', 'ers'])).toBe('the hunters');
  expect(maskedInPieces(['hunter22'], ['the hunt'])).toBe('the hunt');
});

it('no byte is handed out while it may belong to a secret', () => {
  const mask = new SecretMask(['hunter22']);
  expect(mask.push(Buffer.from('is hunter2')).toString()).toBe('is ');
});

it('a secret of a few letters does not blacken the words that hold it', () => {
  expect(maskedInPieces(['on'], ['one station'])).toBe('one station');
});

it.each([[['hunter', 'hunter22']], [['hunter22', 'hunter']]])(
  'of the secrets %j, the longer one leaves no tail where the shorter one matches',
  (secrets) => {
    expect(maskedInPieces(secrets, ['is hunter22.'])).toBe('is ********.');
    expect(maskedInPieces(secrets, ['is hunter', '22.'])).toBe('is ********.');
    expect(maskedInPieces(secrets, ['is hunter', '2.'])).toBe('is ******2.');
  },
);

it('secrets that overlap are masked as a whole', () => {
  expect(maskedInPieces(['abcdef', 'efghij'], ['xabcdefghijx'])).toBe('x**********x');
  expect(maskedInPieces(['abcdef', 'efghij'], ['xabcdef', 'ghx'])).toBe('x******ghx');
});

it('who goes on where the masked bytes end masks the rest of a secret that others overlap', () => {
  const secrets = ['abcdef', 'efghij'];
  const stored = new SecretMask(secrets).push(Buffer.from('xabcdef'));
  const rest = new SecretMask(secrets).push(Buffer.from('xabcdef and on'.slice(stored.length)));
  expect(`${stored}${rest}`).toBe('x****** and on');
});

it('a secret from a file is masked without the newline at its end', () => {
  expect(maskedInPieces(['hunter22\n'], ['token=hunter22 and more'])).toBe('token=******** and more');
});

it('of a secret of several lines, each line of four bytes or more is masked', () => {
  const key = '-----BEGIN KEY-----\r\n  c2VjcmV0\n=\n-----END KEY-----\n';
  expect(maskedInPieces([key], ['> c2VjcmV0\n> =\n'])).toBe('> ********\n> =\n');
  expect(masked(key, [key])).toMatch(/^\*+\n$/);
});

it.each([
  ['JSON', '{"a":"one\\n\\"two\\""}', '{"a":"************"}'],
  ['a shell', `a='it'\\''s mine'`, `a='************'`],
  ['a URL', '?a=one%20%2F%20two&b', '?a=***************&b'],
  ['a form', 'a=one+%2F+two&b', 'a=***********&b'],
])('a secret is masked as %s writes it', (_, text, expected) => {
  expect(masked(text, ['one\n"two"', "it's mine", 'one / two'])).toBe(expected);
});

it.each([
  ['JSON with escaped slashes', '"it\\/is"', '"******"', 'it/is'],
  [
    'JSON in ASCII',
    '"gr\\u00fc\\u00dfe \\ud83d\\ude80!"',
    '"*****************************"',
    'gr\u00fc\u00dfe \u{1f680}!',
  ],
  ['a shell in double quotes', 'a="cost \\$5 \\"x\\""', 'a="**************"', 'cost $5 "x"'],
  ['printf %q', "a=it\\'s\\ mine", 'a=***********', "it's mine"],
  ['a URL with all punctuation escaped', '?a=it%27s%20mine%21&b', '?a=****************&b', "it's mine!"],
])('a secret is masked as %s writes it', (_, text, expected, secret) => {
  expect(masked(text, [secret])).toBe(expected);
});

it.each(['base64', 'base64url'] as const)('a secret is masked in %s, wherever it is in the text', (encoding) => {
  const secret = 'hunter22?>~\u00ff';
  for (const [before, after] of [
    ['', ''],
    ['', 'Q'],
    ['I', ''],
    ['K', '\n'],
    ['KL', 'PQ'],
    ['XYZ', 'Q'],
  ] as const) {
    const text = Buffer.from(`${before}${secret}${after}`).toString(encoding);
    const shown = masked(text, [secret]);
    const readable = Buffer.from(shown.replaceAll('*', 'A'), encoding).toString('latin1');
    const left = [...Buffer.from(secret).toString('latin1')].filter((letter) => readable.includes(letter));
    expect(left).toEqual([]);
    expect(shown.length).toBe(text.length);
  }
});

it.each([1, 2, 3, 4, 5, 6])(
  'however text comes, and wherever another goes on, the same bytes are masked (%i)',
  (seed) => {
    const random = randomNumbers(seed);
    const below = (count: number) => Math.floor(random() * count);
    const word = (length: number) => Array.from({ length }, () => 'ab'[below(2)]).join('');
    for (let round = 0; round < 100; round++) {
      const secrets = Array.from({ length: 1 + below(4) }, () => word(4 + below(6)));
      const parts = Array.from({ length: 6 }, () => (random() < 0.5 ? word(below(6)) : secrets[below(secrets.length)]));
      const text = parts.join(random() < 0.3 ? ' ' : '');
      const expected = maskedByPosition(text, secrets);
      expect(masked(text, secrets)).toBe(expected);
      let mask = new SecretMask(secrets);
      let written = '';
      for (let at = 0; at < text.length; ) {
        const piece = text.slice(at, at + 1 + below(5));
        written += mask.push(Buffer.from(piece));
        at += piece.length;
        if (random() < 0.2) {
          mask = new SecretMask(secrets);
          at = written.length;
        }
      }
      written += mask.end();
      expect(written).toBe(expected);
      expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
    }
  },
);

/** The rule itself: what belongs to any occurrence of any secret is an asterisk. */
function maskedByPosition(text: string, secrets: readonly string[]): string {
  const isSecret = (at: number) =>
    secrets.some((secret) =>
      Array.from(secret, (_, back) => at - back).some((start) => text.startsWith(secret, start) && start >= 0),
    );
  return Array.from(text, (letter, at) => (isSecret(at) ? '*' : letter)).join('');
}
