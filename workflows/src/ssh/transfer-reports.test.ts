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

it.each([
  ...(['http', 'network', 'tls', 'link', 'mismatch', 'full', 'write', 'is-folder', 'gone', 'no-tool'] as const),
  'no-sha256sum',
])('a file may fail with the problem %s', (problem) => {
  expect(reportsOf(`failed a1 ${problem} 0 why\n`).takeFailures()).toMatchObject([{ problem }]);
});

it.each(['404x', 'x404', '4040', '44'])('the HTTP status of a failure is 0 if the instance reports %j', (status) => {
  expect(reportsOf(`failed a1 http ${status} why\n`).takeFailures()).toMatchObject([{ httpStatus: 0, said: 'why' }]);
});

it('what an instance says about a failure is read as UTF-8, trimmed, and cut', () => {
  const [first, second] = reportsOf(
    `failed a1 write 0  größer \nfailed b2 write 0 ${'x'.repeat(5000)}\n`,
  ).takeFailures();
  expect(first?.said).toBe('größer');
  expect(second?.said.length).toBeLessThan(1000);
});

it.each(['xat a1 10 50', 'at a1 10x 50', 'at a1 x10 50', 'at a1 1234567890123456 50', 'at A1 10 50', 'at a1'])(
  '%j is no report',
  (line) => {
    expect(reportsOf(`${line}\n`).bytesOf('a1')).toBe(0);
  },
);

it.each(['x50', '50x', '1234567890123456'])('%j is no size', (size) => {
  const reports = reportsOf(`at a1 10 ${size}\n`);
  expect([reports.bytesOf('a1'), reports.sizeOf('a1'), reports.sizeOf('unknown')]).toEqual([10, undefined, undefined]);
});

it('a file that is done stays so, whatever is reported later', () => {
  const reports = reportsOf('done a1 7\nat a1 3 9\ndone a1 8\n');
  expect([reports.isDone('a1'), reports.bytesOf('a1'), reports.sizeOf('a1')]).toEqual([true, 7, 7]);
});

it('an instance can report no more than 100 failures between two calls', () => {
  const reports = reportsOf('failed a1 http 500 \n'.repeat(150));
  expect(reports.takeFailures()).toHaveLength(100);
  reports.push(Buffer.from('failed a1 http 500 \n'));
  expect(reports.takeFailures()).toHaveLength(1);
});

it('an instance can report no more than 100,000 files, and those that are known go on', () => {
  const lines = Array.from({ length: 100_001 }, (_, index) => `at f${index} 1 9\n`);
  const reports = reportsOf(lines.join(''), 'at f0 5 9\n');
  expect(['f0', 'f99999', 'f100000'].map((id) => reports.bytesOf(id))).toEqual([5, 1, 0]);
});

it('a report that comes byte by byte is read once, when it is complete', () => {
  const reports = new TransferReports();
  for (const byte of Buffer.from('failed a1 write 0 größer\n')) reports.push(Buffer.of(byte));
  expect(reports.takeFailures()).toMatchObject([{ said: 'größer' }]);
});

it('the output of another step may begin with a report', () => {
  const reports = reportsOf('done a');
  reports.begin();
  reports.push(Buffer.from('done b2 5\n'));
  expect(reports.isDone('b2')).toBe(true);
});
