import { expect, it } from 'vitest';
import { recordingTerminal } from '../../test/recording-terminal.ts';
import { uploadReport } from './upload-report.ts';

const summary = { from: '/jobs/src', id: 'ab', files: 1, bytes: 1_500_000, known: false, skipped: [] };

it('the upload report names the number and size of the files, and what is left out and why', () => {
  const terminal = recordingTerminal({});
  uploadReport(terminal).onSummary?.({
    ...summary,
    files: 3,
    skipped: [
      { path: '.env', size: 12, reason: '.env files are never uploaded' },
      { path: 'data', reason: 'it is ignored' },
    ],
  });
  expect(terminal.notes).toEqual([
    'src: 3 files, 1.5 MB, uploading',
    '  left out .env (12 B): .env files are never uploaded',
    '  left out data: it is ignored',
  ]);
});

it('the upload report lists at most ten files that are left out', () => {
  const terminal = recordingTerminal({});
  const skipped = Array.from({ length: 12 }, (_, index) => ({ path: `${index}.log`, reason: 'it is ignored' }));
  uploadReport(terminal).onSummary?.({ ...summary, known: true, skipped });
  expect([terminal.notes[0], terminal.notes.length, terminal.notes.at(-1)]).toEqual([
    'src: 1 file, 1.5 MB, already in the run store',
    12,
    '  left out 2 more',
  ]);
});
