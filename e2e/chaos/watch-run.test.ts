import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { localRunStore } from '@gpu-clouds/jobs';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storedMark } from './job-of-run.ts';
import { watchRun } from './watch-run.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'gpu-clouds-watch-'));
});
afterAll(() => rm(home, { recursive: true }));

const plan = {
  id: 's1r0',
  kind: 'resumes',
  shape: 'instance',
  exitCode: 0,
  vendors: ['verda'],
  lines: 3,
  pauseMs: 1,
  setup: false,
  interferences: [],
} as const;

it('watchRun marks the first stored checkpoint, and takes no unfinished file beside it for one', async () => {
  const [state, archive] = [join(home, 'state'), join(home, 'state.tar')];
  await mkdir(state);
  await writeFile(join(state, 'saved.part'), 'checkpoint of s1r0 on verda-1@sim at 4 10\n');
  await writeFile(join(state, 'saved'), `checkpoint of s1r0 on verda-1@sim at 3 6\n${'.'.repeat(2000)}\n`);
  await promisify(execFile)('tar', ['-cf', archive, '-C', state, './saved.part', './saved']);
  const runs = localRunStore(join(home, 'runs'));
  await runs.putFile('s1r0', 'checkpoints/1.tar', createReadStream(archive));
  const over = new AbortController();
  const client = new Client({ connection: Connection.lazy() });
  const watching = watchRun(plan, { client, runs, folder: home, over: over.signal });
  await expect
    .poll(() =>
      access(join(home, storedMark)).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  over.abort();
  expect(await watching).toMatchObject({ stored: [{ by: 'verda-1@sim', step: 3 }], flagged: false });
});
