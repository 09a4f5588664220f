import { expect, it } from 'vitest';
import { SecretMask } from './secret-mask.ts';

function masked(secrets: string[], pieces: string[]): string {
  const mask = new SecretMask(secrets);
  return Buffer.concat([...pieces.map((piece) => mask.push(Buffer.from(piece))), mask.end()]).toString();
}

it('a secret becomes as many asterisks, and nothing else changes', () => {
  expect(masked(['hunter22'], ['password is hunter22, again hunter22hunter22.\n'])).toBe(
    'password is ********, again ****************.\n',
  );
});

it('a secret that comes in pieces is masked too', () => {
  expect(masked(['hunter22'], ['is hun', 'ter', '22!'])).toBe('is ********!');
});

it('what only begins like a secret comes through', () => {
  expect(masked(['hunter22'], ['the hunt', 'ers'])).toBe('the hunters');
  expect(masked(['hunter22'], ['the hunt'])).toBe('the hunt');
});

it('no byte is handed out while it may belong to a secret', () => {
  const mask = new SecretMask(['hunter22']);
  expect(mask.push(Buffer.from('is hunter2')).toString()).toBe('is ');
});

it('a secret of a few letters does not blacken the words that hold it', () => {
  expect(masked(['on'], ['one station'])).toBe('one station');
});
