import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitBaseline } from './baseline.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gpu-clouds-baseline-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: root });

const paths = ['one.json', 'two.yaml', 'empty.json'];

test('a folder without a repository has no earlier documents', () => {
  for (let round = 0; round < 20; round += 1) expect(gitBaseline(root, 'HEAD', paths).read('one.json')).toBeUndefined();
});

test('a repository without a commit has no earlier documents', () => {
  git('init', '--quiet');
  expect(gitBaseline(root, 'HEAD', paths).read('one.json')).toBeUndefined();
});

test('the documents of a commit are read byte by byte, whatever is in the folder now', () => {
  git('init', '--quiet');
  const bytes = Buffer.from([0x7b, 0x0a, 0xff, 0x00, 0x0d, 0x0a, 0x7d]);
  writeFileSync(join(root, 'one.json'), bytes);
  writeFileSync(join(root, 'empty.json'), '');
  git('add', '.');
  git('commit', '--quiet', '--message', 'one');
  writeFileSync(join(root, 'one.json'), 'later');
  const baseline = gitBaseline(root, 'HEAD', paths);
  expect(baseline.read('one.json')).toEqual(bytes);
  expect(baseline.read('two.yaml')).toBeUndefined();
  expect(baseline.read('empty.json')).toEqual(Buffer.alloc(0));
});

test('a repository that git refuses to read is an error, not a missing document', () => {
  git('init', '--quiet');
  writeFileSync(join(root, '.git/config'), '[core\n');
  expect(() => gitBaseline(root, 'HEAD', paths).read('one.json')).toThrow(
    /^git cannot show the documents at HEAD: .*config/,
  );
});
