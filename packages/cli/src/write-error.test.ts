import { expect, test } from 'vitest';
import { writeError } from './write-error.ts';

test('writeError says why a file cannot be written, and what to do', () => {
  const error = Object.assign(new Error("EACCES: permission denied, open 'job.yaml'"), { code: 'EACCES' });
  expect(writeError('/x/job.yaml', error, 'Choose another folder.')).toMatchObject({
    name: 'CliError',
    message: 'Cannot write /x/job.yaml: you may not write there. Choose another folder.',
    cause: error,
  });
});

test('writeError leaves errors of other sources as they are', () => {
  const error = new Error('The run store does not answer.');
  expect(writeError('/x', error, 'Choose another folder.')).toBe(error);
});
