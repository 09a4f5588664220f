import { expect, it } from 'vitest';
import { diskFailure } from './disk.ts';

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, syscall: 'write' });
}

it.each([
  [
    'ENOSPC',
    'no space left on device, write',
    '/r/x cannot be stored or read: no space left on device; free some space on that disk, or keep runs elsewhere with GPU_CLOUDS_RUNS.',
  ],
  [
    'EACCES',
    "permission denied, open '/r/a, b'",
    '/r/x cannot be stored or read: permission denied; let the user of this process read and write there, or keep runs elsewhere with GPU_CLOUDS_RUNS.',
  ],
])('%s becomes a sentence that says what to do, and is worth another try', (code, message, sentence) => {
  expect(diskFailure('/r/x', systemError(code, message))).toMatchObject({ message: sentence, lasting: false });
});

it('what is no failure of the disk stays what it is', () => {
  const error = new Error('The instance is gone.');
  expect(diskFailure('/r/x', error)).toBe(error);
});
