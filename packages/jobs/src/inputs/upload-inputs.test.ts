import { createHash } from 'node:crypto';
import { appendFileSync, truncateSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytesOf } from '../../test/bytes-of.ts';
import { instanceJob } from '../../test/instance-job.ts';
import { localRunStore } from '../runs/local-run-store.ts';
import type { RunStore } from '../runs/run-store.ts';
import { type InputSummary, JobUploads, type UploadOptions, uploadInputs } from './upload-inputs.ts';

let root: string;
let runs: RunStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gpu-clouds-inputs-'));
  runs = localRunStore(join(root, 'store'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

const env = { VERDA_CLIENT_SECRET: 'verda-secret-4711', GPU_CLOUDS_JOB_SECRETS: 'HF_TOKEN', HF_TOKEN: 'hf_token_4711' };

async function upload(folder: string, options: UploadOptions = {}) {
  const summaries: InputSummary[] = [];
  const id = await uploadInputs(runs, join(root, folder), { env, onSummary: (one) => summaries.push(one), ...options });
  const [summary] = summaries;
  if (summary === undefined) throw new Error('There is no summary.');
  return { id, summary, entries: await entriesOf(id) };
}

/** Returns the content of files, and null for folders, by name and mode. */
async function entriesOf(id: string): Promise<Record<string, string | null>> {
  const entries: Record<string, string | null> = {};
  const archive = Readable.from(runs.inputs.read(id)).pipe(createGunzip()).pipe(extract());
  for await (const entry of archive) {
    const { name, type, mode = 0 } = entry.header;
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) if (chunk instanceof Uint8Array) chunks.push(chunk);
    entries[`${name} ${mode.toString(8)}`] = type === 'directory' ? null : Buffer.concat(chunks).toString();
  }
  return entries;
}

const skipped = ({ summary }: { readonly summary: InputSummary }) =>
  Object.fromEntries(summary.skipped.map(({ path, reason }) => [path, reason]));

it('uploadInputs stores files with their execute bits, and empty files and folders', async () => {
  await write({ 'src/train.py': 'train', 'src/empty': '', 'src/bin/run.sh': '#!/bin/sh', 'src/größe 1': 'ok' });
  await chmod(join(root, 'src/bin/run.sh'), 0o700);
  await mkdir(join(root, 'src/logs'));
  expect((await upload('src')).entries).toEqual({
    'bin 755': null,
    'bin/run.sh 755': '#!/bin/sh',
    'empty 644': '',
    'größe 1 644': 'ok',
    'logs 755': null,
    'train.py 644': 'train',
  });
});

it('the id of an input is the SHA-256 of its archive, and the same content is sent once', async () => {
  await write({ 'a/x': 'same', 'b/x': 'same' });
  const first = await upload('a');
  const archive = await bytesOf(Readable.from(runs.inputs.read(first.id)).pipe(createGunzip()));
  expect(first.id).toBe(createHash('sha256').update(archive).digest('hex'));
  const second = await upload('b');
  expect([second.id, first.summary.known, second.summary.known]).toEqual([first.id, false, true]);
  await write({ 'b/x': 'other' });
  expect((await upload('b')).id).not.toBe(first.id);
});

it('files with a credential of short parts, or with one key of several, are not uploaded', async () => {
  await write({ 'src/a.txt': 'me:s3cr3t!', 'src/b.txt': 'a-second-key', 'src/c.txt': 'me and s3cr3t!' });
  const secrets = {
    GPU_CLOUDS_JOB_SECRETS: 'LOGIN',
    LOGIN: 'me:s3cr3t!\n',
    GPU_CLOUDS_CODEC_KEYS: '1:first-key,2:a-second-key',
  };
  const uploaded = await upload('src', { env: secrets });
  expect(skipped(uploaded)).toEqual({
    'a.txt': 'it contains the value of LOGIN',
    'b.txt': 'it contains the value of GPU_CLOUDS_CODEC_KEYS',
  });
});

it('.env files, .git, .gpu-clouds, and files with a configured credential are never uploaded', async () => {
  await write({
    'src/.env': 'A=1',
    'src/sub/.env.local': 'A=1',
    'src/.git/config': 'x',
    'src/.gpu-clouds/dev.env': 'x',
    'src/settings.py': `secret = "${env.VERDA_CLIENT_SECRET}"`,
    'src/large.bin': `${'x'.repeat(1024 * 1024 - 5)}${env.HF_TOKEN}`,
    'src/.gpucloudsignore': '!.env\n!.git\n',
    'src/train.py': 'train',
  });
  const uploaded = await upload('src');
  expect(Object.keys(uploaded.entries)).toEqual(['.gpucloudsignore 644', 'sub 755', 'train.py 644']);
  const never = '.env files, .git, and .gpu-clouds are never uploaded';
  expect(skipped(uploaded)).toEqual({
    '.env': never,
    '.git': never,
    '.gpu-clouds': never,
    'sub/.env.local': never,
    'settings.py': 'it contains the value of VERDA_CLIENT_SECRET',
    'large.bin': 'it contains the value of HF_TOKEN',
  });
  expect(uploaded.summary.skipped.find(({ path }) => path === '.env')?.size).toBe(3);
});

it('.gitignore applies below its folder, inner files take precedence, and .gpucloudsignore replaces it', async () => {
  await write({
    'src/.gitignore': '*.pyc\n/data/\n*.log\n',
    'src/a.pyc': '',
    'src/data/big': '',
    'src/sub/data/kept': '',
    'src/sub/.gitignore': '!keep.log\n',
    'src/sub/keep.log': '',
    'src/sub/drop.log': '',
    'src/own/.gitignore': '*',
    'src/own/.gpucloudsignore': '*.tmp\n',
    'src/own/x': '',
    'src/own/x.tmp': '',
  });
  const names = Object.keys((await upload('src')).entries).map((name) => name.replace(/ \d+$/, ''));
  expect(names).toEqual([
    '.gitignore',
    'own',
    'own/.gitignore',
    'own/.gpucloudsignore',
    'own/x',
    'sub',
    'sub/.gitignore',
    'sub/data',
    'sub/data/kept',
    'sub/keep.log',
  ]);
});

it('links are followed inside the folder, and left out if they lead out of it, to nothing, or in a circle', async () => {
  await write({ 'src/real/x': 'linked', 'src/.env': 'A=1', outside: 'private' });
  for (const [name, target] of Object.entries({
    inside: 'real',
    out: '../outside',
    dead: 'none',
    circle: '.',
    loop: 'loop',
    hidden: '.env',
  })) {
    await symlink(target, join(root, 'src', name));
  }
  const uploaded = await upload('src');
  expect(uploaded.entries).toEqual({
    'inside 755': null,
    'inside/x 644': 'linked',
    'real 755': null,
    'real/x 644': 'linked',
  });
  expect(skipped(uploaded)).toEqual({
    '.env': expect.stringContaining('never'),
    hidden: expect.stringContaining('never'),
    out: expect.stringContaining('it is a link that leads out of '),
    dead: 'it is a link to nothing',
    loop: 'it is a link to nothing',
    circle: 'it is a link that leads in a circle',
  });
});

it('a file name that is not valid UTF-8 is refused with its folder', async () => {
  await write({ 'src/x': '' });
  await writeFile(Buffer.concat([Buffer.from(`${root}/src/`), Buffer.from([0x66, 0xff])]), '');
  await expect(upload('src')).rejects.toThrow('/src has a file name that is not valid UTF-8: "fÿ". Rename the file.');
});

it('a file that grows while it is uploaded is stored with the size that it had, and one that shrinks is refused', async () => {
  await write({ 'src/log': 'second' });
  const id = await uploadInputs(runs, join(root, 'src'), {
    env,
    onSummary: () => appendFileSync(join(root, 'src/log'), '!'),
  });
  expect(await entriesOf(id)).toEqual({ 'log 644': 'second' });

  await write({ 'src/log': 'x'.repeat(100_000) });
  const uploading = uploadInputs(runs, join(root, 'src'), {
    env,
    onSummary: () => truncateSync(join(root, 'src/log'), 10),
  });
  await expect(uploading).rejects.toThrow(
    /src\/log changed or could not be read while it was uploaded: .+\. Try again\./,
  );
});

it('a file or folder that does not exist is refused by its path', async () => {
  await expect(upload('none')).rejects.toMatchObject({
    name: 'InputError',
    message: `${root}/none cannot be uploaded: there is no such file or folder. Correct the path.`,
  });
});

it('progress is reported up to the size of all files', async () => {
  await write({ 'src/a': 'x'.repeat(300_000), 'src/b': 'y'.repeat(200_000) });
  const seen: number[] = [];
  await upload('src', { onProgress: ({ bytes }) => seen.push(bytes) });
  expect(seen.at(-1)).toBe(500_000);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
});

const jobWith = (up: string) =>
  instanceJob(`name: j\ncommand: "true"\nfiles: { up: ${up} }\n`, join(root, 'job/job.yaml'));

it('the files of a job become inputs that are unpacked in folders', async () => {
  await write({ 'job/train.py': 'train', 'job/src/x': 'x' });
  const { files } = jobWith(
    '[{ from: train.py, to: app/main.py }, { from: train.py, to: app/ }, { from: src, to: /opt/src }]',
  );
  const { up } = await new JobUploads(runs, { env }).files(files);
  expect(up.map(({ to }) => to)).toEqual(['app', 'app/', '/opt/src']);
  const entries = await Promise.all(up.map(({ input = '' }) => entriesOf(input)));
  expect(entries).toEqual([{ 'main.py 644': 'train' }, { 'train.py 644': 'train' }, { 'x 644': 'x' }]);
});

it('ignore rules of the folder of the job file apply to its folders, except to what the job names itself', async () => {
  await write({
    'job/.gitignore': '__pycache__/\ndata/\n',
    'job/src/__pycache__/x': '',
    'job/src/x': '',
    'job/data/y': '',
  });
  const { files } = jobWith('[{ from: src, to: src }, { from: data, to: data }]');
  const { up } = await new JobUploads(runs, { env }).files(files);
  const entries = await Promise.all(up.map(({ input = '' }) => entriesOf(input)));
  expect(entries).toEqual([{ 'x 644': '' }, { 'y 644': '' }]);
});

it.each([
  ['.env', '.env files, .git, and .gpu-clouds are never uploaded'],
  ['settings.py', 'it contains the value of HF_TOKEN'],
])('a job that names %s itself is refused', async (from, reason) => {
  await write({ [`job/${from}`]: env.HF_TOKEN });
  const uploading = new JobUploads(runs, { env }).files(jobWith(`[{ from: ${from}, to: x }]`).files);
  await expect(uploading).rejects.toThrow(`/job/${from} is not uploaded: ${reason}.`);
});

it('a file that became a link out of the folder of the job file is refused', async () => {
  await write({ key: 'a private key' });
  await mkdir(join(root, 'job'));
  const { files } = jobWith('[{ from: later, to: x }]');
  await symlink(join(root, 'key'), join(root, 'job/later'));
  await expect(new JobUploads(runs, { env }).files(files)).rejects.toThrow(
    /later, which leads to .+\/key, outside .+\/job: only files in the folder of the job file can be uploaded\./,
  );
});

it('a job with files needs a run store, and one with inputs needs none', async () => {
  await write({ 'job/x': 'x' });
  await expect(new JobUploads(undefined).files(jobWith('[{ from: x, to: x }]').files)).rejects.toThrow(
    'pass the run store of the workers as `runs`',
  );
  const input = 'ab'.repeat(32);
  expect((await new JobUploads(undefined).files(jobWith(`[{ input: ${input}, to: x }]`).files)).up).toEqual([
    { input, to: 'x' },
  ]);
});
