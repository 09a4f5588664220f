import { expect, it } from 'vitest';
import { TransferReports } from './transfer-reports.ts';

function reportsOf(...pieces: readonly string[]): TransferReports {
  const reports = new TransferReports();
  for (const piece of pieces) reports.push(Buffer.from(piece));
  return reports;
}

it('reports that come in pieces say what is done, how far the rest is, and its size', () => {
  const reports = reportsOf('at a1 10 5', '0\nat a1 20 50\ndone b2 7', '\nat c3 9 \n');
  expect([reports.bytesOf('a1'), reports.sizeOf('a1'), reports.isDone('a1')]).toEqual([20, 50, false]);
  expect([reports.bytesOf('b2'), reports.sizeOf('b2'), reports.isDone('b2')]).toEqual([7, 7, true]);
  expect([reports.bytesOf('c3'), reports.sizeOf('c3')]).toEqual([9, undefined]);
  expect(reports.bytesOf('a1', 15)).toBe(15);
});

it('each failure is taken once, with what the instance says', () => {
  const reports = reportsOf('failed a1 http 404 curl: (22) error: 404\nfailed b2 network 0 \n');
  expect(reports.takeFailures()).toEqual([
    { id: 'a1', problem: 'http', httpStatus: 404, said: 'curl: (22) error: 404' },
    { id: 'b2', problem: 'network', httpStatus: 0, said: '' },
  ]);
  expect(reports.takeFailures()).toEqual([]);
});

it('what is no report is ignored, however long it is', () => {
  const reports = reportsOf(
    `${'x'.repeat(5000)}`,
    `${'y'.repeat(5000)}\nat a1 -1 \nfailed a1 because 0 \ndone A! 1\ndone a1 x\n`,
  );
  expect(reports.takeFailures()).toEqual([]);
  expect(reports.isDone('a1')).toBe(false);
  expect(reports.bytesOf('a1')).toBe(0);
});

it('the rest of a line that another step began is not part of the next output', () => {
  const reports = reportsOf('done a');
  reports.begin();
  reports.push(Buffer.from('1 5\ndone b2 5\n'));
  expect([reports.isDone('a1'), reports.isDone('b2')]).toEqual([false, true]);
});
