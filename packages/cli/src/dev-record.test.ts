import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimFolder } from './dev-record.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-dev-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a second local stack in a folder is refused and says where the first is, until the first ends', async () => {
  const first = await claimFolder(folder);
  const file = await first.publish({ A: '1' }, 'http://127.0.0.1:8233');
  expect([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777]).toEqual(['A=1\n', 0o600]);
  await expect(claimFolder(folder)).rejects.toThrow(
    `already runs as process ${process.pid}. Temporal's web interface is http://127.0.0.1:8233. Use it: gpu-clouds --settings ${file} offers.`,
  );
  expect(await readFile(file, 'utf8')).toBe('A=1\n');
  await first.release();
  await (await claimFolder(folder)).release();
});

it('the record of a local stack that was killed is replaced', async () => {
  const ended = spawn(process.execPath, ['-e', '']);
  await once(ended, 'exit');
  await writeFile(join(folder, 'dev.json'), JSON.stringify({ pid: ended.pid }));
  const record = await claimFolder(folder);
  expect(JSON.parse(await readFile(join(folder, 'dev.json'), 'utf8'))).toEqual({ pid: process.pid });
  await record.release();
});
