import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { bytesOf, noise } from '@gpu-clouds/jobs/test';
import { extract, pack } from 'tar-stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSshServer, type TestSshServer } from '../../test/ssh-server.ts';
import { openSession, RemoteCommandError, SshError, type SshSession } from './ssh-session.ts';
import { lookThere, MissingFileError, packFilesThere, packThere, readThere, unpackThere, upload } from './transfer.ts';

const key = deriveSshKey('a master secret of a test', 'instance');
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
  expect(await lookThere(session, '~/deep/down/big')).toEqual({ size: 3_000_000, executable: true });
  let back: Buffer = Buffer.alloc(0);
  await readThere(session, 'deep/down/big', 3_000_000, async (content) => {
    back = await bytesOf(content);
  });
  expect(bytes.equals(back)).toBe(true);
});

it('a folder arrives with all that is in it', async () => {
  await mkdir(here('tree/inner'), { recursive: true });
  await writeFile(here("tree/inner/it's a name"), 'content');
  await upload(session, here('tree'), "it's/there");
  await upload(session, here('tree'), "it's/there");
  expect(await readFile(there("it's/there/inner/it's a name"), 'utf8')).toBe('content');
  expect(await lookThere(session, "it's/there")).toBe('folder');
});

it('a folder that was packed is the same when it is unpacked, links, empty folders and permissions included', async () => {
  await mkdir(there('state/empty'), { recursive: true });
  await writeFile(there('state/program'), 'content');
  await chmod(there('state/program'), 0o755);
  await symlink('program', there('state/latest'));
  let archive: Buffer = Buffer.alloc(0);
  await packThere(session, 'state', async (content) => {
    archive = await bytesOf(content);
  });
  await unpackThere(session, Readable.from([archive]), 'restored');
  expect((await stat(there('restored/empty'))).isDirectory()).toBe(true);
  expect((await stat(there('restored/program'))).mode & 0o777).toBe(0o755);
  expect(await readlink(there('restored/latest'))).toBe('program');
});

it('the files of a folder come with what links lead to, and without circles and pipes', async () => {
  await mkdir(there('kept/inner'), { recursive: true });
  await writeFile(there('elsewhere'), 'linked');
  await symlink('../elsewhere', there('kept/link'));
  await symlink('..', there('kept/inner/circle'));
  await symlink('nowhere', there('kept/dangling'));
  await session.exec('mkfifo "$HOME/kept/pipe"');
  const names: string[] = [];
  const texts: string[] = [];
  await packFilesThere(session, 'kept', async (archive) => {
    const entries = extract();
    const fed = pipeline(archive, entries);
    for await (const entry of entries) {
      names.push(entry.header.name);
      for await (const piece of entry) texts.push(String(piece));
    }
    await fed;
  });
  expect([names, texts]).toEqual([['./link'], ['linked']]);
});

it('what is cut short is never taken for whole', async () => {
  await writeFile(there('short'), 'x'.repeat(100));
  const taken = readThere(session, 'short', 101, async (content) => void (await bytesOf(content)));
  await expect(taken).rejects.toThrow('came only in part: 100 of 101 bytes');
  const unreadable = packThere(session, 'no-such-folder', async (content) => void (await bytesOf(content)));
  await expect(unreadable).rejects.toThrow(RemoteCommandError);
});

it('a connection that breaks under way is told as that, whoever takes what comes', async () => {
  await mkdir(there('broken'));
  await writeFile(there('broken/file'), noise(5_000_000));
  const other = await openSession({ address: server.address, privateKey: key.privateKey });
  const taken = packFilesThere(other, 'broken', async (archive) => {
    const entries = extract();
    const fed = pipeline(archive, entries);
    fed.catch(() => undefined);
    for await (const entry of entries) for await (const _ of entry) other.close();
  });
  await expect(taken).rejects.toBeInstanceOf(SshError);
});

it('a long download to a slow reader does not gather listeners', async () => {
  await writeFile(there('slow'), noise(5_000_000));
  const counts: number[] = [];
  await readThere(session, 'slow', 5_000_000, async (content) => {
    if (!(content instanceof PassThrough)) return;
    for await (const _ of content) {
      // Waits for the writer to wait, except at the end.
      for (let turns = 0; turns < 100 && !content.writableNeedDrain; turns++) await turn();
      counts.push(content.listenerCount('close'));
    }
  });
  expect(counts.length).toBeGreaterThan(50);
  expect(Math.max(...counts)).toBeLessThan(5);
});

it('a folder of many files arrives on an instance whose clock is behind', async () => {
  const archive = pack();
  for (let index = 0; index < 3500; index++) {
    archive.entry({ name: `${index}-${'x'.repeat(250)}`, mtime: new Date(Date.now() + 86_400_000) }, '');
  }
  archive.finalize();
  await unpackThere(session, archive.pipe(new PassThrough()), 'from-the-future');
  expect(await readdir(there('from-the-future'))).toHaveLength(3500);
});

it('who cannot take what comes ends the copy, and says why', async () => {
  await writeFile(there('long'), 'x'.repeat(5_000_000));
  const refused = readThere(session, 'long', 5_000_000, async (content) => {
    for await (const _ of content) throw new Error('The disk is full.');
  });
  await expect(refused).rejects.toThrow('The disk is full.');
  async function* torn(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(10_000);
    throw new Error('The disk is gone.');
  }
  await expect(unpackThere(session, torn(), 'torn')).rejects.toThrow('The disk is gone.');
});

it('a place that ends in a slash is the folder to put the file into', async () => {
  await writeFile(here('small'), 'x');
  await upload(session, here('small'), 'into/');
  expect(await readFile(there('into/small'), 'utf8')).toBe('x');
});

it.each(['growing', 'growing-folder'])(
  'a file that grows meanwhile is uploaded as it was at first (%s)',
  async (name) => {
    const file = name === 'growing' ? here(name) : here(`${name}/file`);
    await mkdir(dirname(file), { recursive: true });
    const begin = noise(8_000_000);
    await writeFile(file, begin);
    const growing = new AbortController();
    const grow = async () => {
      for (; !growing.signal.aborted; await turn()) await appendFile(file, 'more\n');
    };
    const grown = grow();
    await upload(session, here(name), name).finally(() => growing.abort());
    await grown;
    const arrived = await readFile(name === 'growing' ? there(name) : there(`${name}/file`));
    expect(arrived.subarray(0, begin.length).equals(begin)).toBe(true);
  },
);

it('an empty file is a file', async () => {
  await writeFile(here('empty'), '');
  await upload(session, here('empty'), 'empty');
  expect(await lookThere(session, 'empty')).toEqual({ size: 0, executable: false });
});

it('what is not there is told from what cannot be done', async () => {
  await expect(upload(session, here('nowhere'), 'x')).rejects.toThrow(MissingFileError);
  await expect(lookThere(session, 'nowhere')).rejects.toThrow(MissingFileError);
  await writeFile(there('plain'), '');
  await writeFile(here('small'), 'x');
  await expect(upload(session, here('small'), 'plain/small')).rejects.toThrow(RemoteCommandError);
});
