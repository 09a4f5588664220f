import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf } from '../../test/bytes-of.ts';
import { content, storeContract } from '../../test/store-contract.ts';
import { localRunStore } from './local-run-store.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-runs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('localRunStore', () => {
  storeContract(() => localRunStore(folder));
});

it('localRunStore writes output and files under their plain names and leaves no temporary files', async () => {
  const runs = localRunStore(folder);
  await runs.writeOutput({ run: 'mine', node: 0 }, 0, Buffer.from('of the first'));
  await runs.writeOutput({ run: 'mine', node: 1 }, 0, Buffer.from('of the second'));
  await runs.putFile('mine', 'outputs/sub/model.bin', content('weights'));
  const at = (path: string) => readFile(join(runs.location('mine'), path), 'utf8');
  expect(await at('output.log')).toBe('of the first');
  expect(await at('output-1.log')).toBe('of the second');
  expect(await at('outputs/sub/model.bin')).toBe('weights');
  expect(await readdir(join(folder, 'mine', '.parts'))).toEqual([]);
});

it('localRunStore removes the partial file of a dead worker when the file is stored again', async () => {
  const runs = localRunStore(folder);
  const stopped = new AbortController();
  const zombie = runs.putFile('left', 'outputs/x', until(stopped.signal));
  zombie.catch(() => undefined);
  const parts = join(folder, 'left', '.parts');
  await expect.poll(() => readdir(parts).catch(() => [])).toHaveLength(1);
  await runs.putFile('left', 'outputs/x', content('whole'));
  expect(await readdir(parts)).toEqual([]);
  stopped.abort();
  await expect(zombie).rejects.toMatchObject({ name: 'RunStoreError' });
  expect((await bytesOf(runs.readFile('left', 'outputs/x'))).toString()).toBe('whole');
});

it('localRunStore reports a file in place of a folder, and the reverse, as a lasting error', async () => {
  const runs = localRunStore(folder);
  await runs.putFile('clash', 'outputs/x', content('x'));
  const below = runs.putFile('clash', 'outputs/x/y', content('y'));
  await expect(below).rejects.toMatchObject({ name: 'RunStoreError', lasting: true });
  await expect(below).rejects.toThrow(/outputs\/x\/y cannot be stored or read: .+\.$/);
  await mkdir(join(folder, 'clash', 'outputs', 'z'));
  await expect(runs.putFile('clash', 'outputs/z', content('z'))).rejects.toMatchObject({ lasting: true });
  const long = runs.putFile('clash', `outputs/${'n'.repeat(300)}`, content('z'));
  await expect(long).rejects.toMatchObject({ lasting: true });
});

it('localRunStore keeps folders and files for their owner only', async () => {
  const root = join(folder, 'private');
  const runs = localRunStore(root);
  await runs.id();
  await runs.writeOutput({ run: 'mine', node: 0 }, 0, Buffer.from('x'));
  await runs.putFile('mine', 'outputs/x', content('x'));
  const modeOf = async (path: string) => (await stat(join(root, path))).mode & 0o777;
  const paths = ['.', 'mine', 'mine/outputs', '.store-id', 'mine/output.log', 'mine/outputs/x'];
  expect(await Promise.all(paths.map(modeOf))).toEqual([0o700, 0o700, 0o700, 0o600, 0o600, 0o600]);
});

it('localRunStore.removeRun and listRuns leave other files alone', async () => {
  const root = join(folder, 'shared');
  await mkdir(join(root, 'project', 'src'), { recursive: true });
  const runs = localRunStore(root);
  await runs.putFile('run', 'outputs/x', content('x'));
  await writeFile(join(root, 'run', 'notes.txt'), 'mine');
  const ids: string[] = [];
  for await (const { id } of runs.listRuns()) ids.push(id);
  expect(ids).toEqual(['run']);
  await runs.removeRun('run');
  await runs.removeRun('project');
  expect([await readdir(join(root, 'run')), await readdir(join(root, 'project'))]).toEqual([['notes.txt'], ['src']]);
});

it('localRunStore.check says what to do if the path is a file', async () => {
  await writeFile(join(folder, 'plain'), '');
  await expect(localRunStore(join(folder, 'plain')).check()).rejects.toThrow(
    'plain cannot be stored or read: file already exists. Remove the file that is in place of a folder, or set GPU_CLOUDS_RUNS to a folder.',
  );
});

async function* until(stopped: AbortSignal): AsyncGenerator<Uint8Array> {
  yield Buffer.from('only a part');
  await once(stopped, 'abort');
}
