import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { noise } from '@gpu-clouds/jobs/test';
import { type Pack, pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutputQuota } from './output-quota.ts';
import { storeArchive } from './store-archive.ts';

let folder: string;
let runs: RunStore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-archive-'));
  runs = localRunStore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* archive(fill: (tar: Pack) => void): AsyncGenerator<Uint8Array> {
  const tar = pack();
  fill(tar);
  tar.finalize();
  for await (const piece of tar) if (piece instanceof Uint8Array) yield piece;
}

it('files large and small are stored, and hard links as what they name', async () => {
  const large = noise(3_000_000);
  const content = archive((tar) => {
    tar.entry({ name: './', type: 'directory' });
    for (let index = 0; index < 30; index++) tar.entry({ name: `./small/${index}` }, `file ${index}`);
    tar.entry({ name: './large' }, large);
    tar.entry({ name: './same', type: 'link', linkname: './small/7' });
  });
  expect(await storeArchive(runs, 'usual', 'outputs/all', content)).toBe(32);
  const at = join(runs.location('usual'), 'outputs', 'all');
  expect(await readdir(join(at, 'small'))).toHaveLength(30);
  expect((await readFile(join(at, 'large'))).equals(large)).toBe(true);
  expect(await readFile(join(at, 'same'), 'utf8')).toBe('file 7');
});

it('folders without files, links to anywhere and devices are left out', async () => {
  const content = archive((tar) => {
    tar.entry({ name: './empty', type: 'directory' });
    tar.entry({ name: './passwords', type: 'symlink', linkname: '/etc/passwd' });
    tar.entry({ name: './disk', type: 'block-device', devmajor: 8 });
  });
  expect(await storeArchive(runs, 'odd', 'outputs/all', content)).toBe(0);
  await expect(readdir(runs.location('odd'))).rejects.toThrow('ENOENT');
});

it.each(['../../../escaped', './a/../../../escaped'])('an instance that sends %s gets nowhere', async (name) => {
  const content = archive((tar) => {
    tar.entry({ name: './harmless' }, 'x');
    tar.entry({ name }, 'x');
  });
  const storing = storeArchive(runs, 'hostile', 'outputs/all', content);
  await expect(storing).rejects.toThrow(`The instance sent a file ${JSON.stringify(name)}, which would lead out`);
  await expect(storing).rejects.toMatchObject({ lasting: true });
  expect(await readdir(folder)).not.toContain('escaped');
});

it('an absolute name, and a link behind which files are sent, stay in the folder', async () => {
  const content = archive((tar) => {
    tar.entry({ name: '/etc/gpu-clouds' }, 'inside');
    tar.entry({ name: './out', type: 'symlink', linkname: '/' });
    tar.entry({ name: './out/file' }, 'inside too');
  });
  expect(await storeArchive(runs, 'tricky', 'outputs/all', content)).toBe(2);
  const at = join(runs.location('tricky'), 'outputs', 'all');
  expect(await readFile(join(at, 'etc', 'gpu-clouds'), 'utf8')).toBe('inside');
  expect(await readFile(join(at, 'out', 'file'), 'utf8')).toBe('inside too');
});

/** What GNU tar makes of a folder with these files, whose names are given in Latin-1. */
async function* realArchive(files: Readonly<Record<string, string>>): AsyncGenerator<Uint8Array> {
  const from = await mkdtemp(join(tmpdir(), 'gpu-clouds-names-'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(Buffer.concat([Buffer.from(`${from}/`), Buffer.from(name, 'latin1')]), text);
  }
  yield execFileSync('tar', ['-c', '--format=gnu', '-C', from, '.']);
  await rm(from, { recursive: true });
}

it('two files whose names are not UTF-8 both come back, and others keep their names', async () => {
  const utf8 = Buffer.from('größe 100%').toString('latin1');
  const long = `${'x'.repeat(150)}\xfe`;
  const content = realArchive({ 'm\xfcll': 'one', 'm\xf6ll': 'two', [utf8]: 'three', [long]: 'four' });
  expect(await storeArchive(runs, 'names', 'outputs/all', content)).toBe(4);
  const at = join(runs.location('names'), 'outputs', 'all');
  const names = await readdir(at);
  const texts = await Promise.all(names.map(async (name) => [name, await readFile(join(at, name), 'utf8')]));
  expect(Object.fromEntries(texts)).toEqual({
    'm%FCll': 'one',
    'm%F6ll': 'two',
    'größe 100%': 'three',
    [`${'x'.repeat(150)}%FE`]: 'four',
  });
});

it('a name that is not ASCII comes back from a PAX header too', async () => {
  const content = archive((tar) => {
    tar.entry({ name: './größe' }, 'x');
    tar.entry({ name: './línk', type: 'link', linkname: './größe' });
  });
  await storeArchive(runs, 'pax', 'outputs/all', content);
  expect((await readdir(join(runs.location('pax'), 'outputs', 'all'))).sort()).toEqual(['größe', 'línk']);
});

it('an archive that breaks off is no archive', async () => {
  async function* torn(): AsyncGenerator<Uint8Array> {
    const whole = archive((tar) => void tar.entry({ name: './x' }, noise(2_000_000)));
    for await (const piece of whole) {
      yield piece.subarray(0, 700);
      throw new Error('The instance is gone.');
    }
  }
  await expect(storeArchive(runs, 'torn', 'outputs/all', torn())).rejects.toThrow();
  expect(await readdir(runs.location('torn')).catch(() => [])).not.toContain('all');
});

it('storeArchive keeps the execute bit, of hard links too', async () => {
  const content = archive((tar) => {
    tar.entry({ name: './run.sh', mode: 0o755 }, 'x');
    tar.entry({ name: './plain', mode: 0o644 }, 'x');
    tar.entry({ name: './same', type: 'link', linkname: './run.sh' });
  });
  await storeArchive(runs, 'modes', 'outputs/all', content);
  const found = await Promise.all(
    ['run.sh', 'plain', 'same'].map((name) => runs.statFile('modes', `outputs/all/${name}`)),
  );
  expect(found.map((file) => file?.executable)).toEqual([true, false, true]);
});

it('storeArchive counts the bytes of links, each of which is a file of its own in the store', async () => {
  const content = archive((tar) => {
    tar.entry({ name: './x' }, noise(300_000));
    for (const name of ['a', 'b', 'c']) tar.entry({ name, type: 'link', linkname: './x' });
  });
  const quota = new OutputQuota(1_000_000);
  await expect(storeArchive(runs, 'links', 'outputs/all', quota.counted(content), quota)).rejects.toThrow(RangeError);
  expect(quota.exceeded).toContain('limits.maxOutputs');
});

it('storeArchive ends at the limit of bytes or files', async () => {
  const large = archive((tar) => void tar.entry({ name: './x' }, noise(2_000_000)));
  const bytes = new OutputQuota(1_000_000);
  await expect(storeArchive(runs, 'large', 'outputs/all', bytes.counted(large))).rejects.toThrow();
  expect(bytes.exceeded).toBe('is larger than limits.maxOutputs allows (1000000 bytes for each node)');
  const quota = new OutputQuota(1_000_000);
  for (let file = 0; file < 100_000; file++) quota.addFile();
  const many = archive((tar) => void tar.entry({ name: './x' }, 'x'));
  await expect(storeArchive(runs, 'many', 'outputs/all', many, quota)).rejects.toThrow('more than 100000 files');
});
