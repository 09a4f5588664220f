import { expect, it } from 'vitest';
import { diskFailure } from './disk.ts';

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code, syscall: 'write' });
}

it.each([
  [
    'ENOSPC',
    'no space left on device, write',
    '/r/x cannot be stored or read: no space left on device. Free some space on the disk, or set GPU_CLOUDS_RUNS to another location.',
  ],
  [
    'EACCES',
    "permission denied, open '/r/a, b'",
    '/r/x cannot be stored or read: permission denied. Give the user of this process read and write access, or set GPU_CLOUDS_RUNS to another location.',
  ],
])('diskFailure turns %s into an error that says what to do and can be retried', (code, message, expected) => {
  expect(diskFailure('/r/x', systemError(code, message))).toMatchObject({ message: expected, lasting: false });
});

it('diskFailure returns errors of other sources unchanged', () => {
  const error = new Error('The instance is gone.');
  expect(diskFailure('/r/x', error)).toBe(error);
});
