import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { deriveSshKey } from './derive-key.ts';
import { openSession, RemoteCommandError, type SshSession } from './ssh-session.ts';
import { download, MissingFileError, upload } from './transfer.ts';

const key = deriveSshKey('a master secret of a test', 'machine');
let server: TestSshServer;
let session: SshSession;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-transfer-'));
  server = await startSshServer();
  server.allowed.add(key.publicKey);
  session = await openSession({ address: server.address, privateKey: key.privateKey });
});
afterAll(async () => {
  session.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const here = (name: string) => join(folder, name);
const there = (name: string) => join(server.home, name);

it('a file arrives byte for byte, executable if it was, and comes back the same', async () => {
  const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 256));
  await writeFile(here('big'), bytes);
  await chmod(here('big'), 0o755);
  await upload(session, here('big'), 'deep/down/big');
  expect(bytes.equals(await readFile(there('deep/down/big')))).toBe(true);
  expect((await stat(there('deep/down/big'))).mode & 0o777).toBe(0o755);
  expect(await download(session, 'deep/down/big', here('back'), 'copy')).toBe('copy');
  expect(bytes.equals(await readFile(here('back/copy')))).toBe(true);
});

it('a folder arrives with all that is in it, and comes back', async () => {
  await mkdir(here('tree/inner'), { recursive: true });
  await writeFile(here("tree/inner/it's a name"), 'content');
  await upload(session, here('tree'), "it's/there");
  await upload(session, here('tree'), "it's/there");
  await download(session, "it's/there", here('back'), 'tree');
  expect(await readFile(here("back/tree/inner/it's a name"), 'utf8')).toBe('content');
});

it('a place that ends in a slash is the folder to put the file into', async () => {
  await writeFile(here('small'), 'x');
  await upload(session, here('small'), 'into/');
  expect(await readFile(there('into/small'), 'utf8')).toBe('x');
  expect(await download(session, '~/into/small', here('back'), 'sub/')).toBe('sub/small');
});

it('an empty file is a file', async () => {
  await writeFile(here('empty'), '');
  await upload(session, here('empty'), 'empty');
  await download(session, 'empty', here('back'), 'empty');
  expect((await stat(here('back/empty'))).size).toBe(0);
});

it('what is not there is told from what cannot be done', async () => {
  await expect(upload(session, here('nowhere'), 'x')).rejects.toThrow(MissingFileError);
  await expect(download(session, 'nowhere', here('back'), 'x')).rejects.toThrow(MissingFileError);
  await writeFile(there('plain'), '');
  await writeFile(here('small'), 'x');
  await expect(upload(session, here('small'), 'plain/small')).rejects.toThrow(RemoteCommandError);
});
