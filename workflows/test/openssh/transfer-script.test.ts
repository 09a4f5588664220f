import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { deriveSshKey } from '@gpu-clouds/jobs';
import { noise, until } from '@gpu-clouds/jobs/test';
import { afterEach, describe, expect, it } from 'vitest';
import { followStep, startStep } from '../../src/ssh/remote-step.ts';
import { openSession, type SshSession } from '../../src/ssh/ssh-session.ts';
import { listFilesThere } from '../../src/ssh/transfer.ts';
import { downloadScript, type LinkedFile, uploadScript } from '../../src/ssh/transfer-script.ts';
import { type FileServer, startFileServer, type Trouble } from '../file-server.ts';
import { basicPrograms, missing, type OpenSsh, type OpenSshOptions, startOpenSsh } from './server.ts';

const key = deriveSshKey('a master secret of a test', 'instance');
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const content = noise(400_000);
const sha256 = createHash('sha256').update(content).digest('hex');
/** Programs of an instance without bash. */
const programs = [...basicPrograms, 'setsid', 'df', 'sort', 'sha256sum', 'id'];
const signature = 'f00dfeed'.repeat(8);

async function serve(options: Parameters<typeof startFileServer>[1] = {}): Promise<FileServer> {
  const server = await startFileServer(content, options);
  closing.push(() => server.close());
  return server;
}

async function instance(options: OpenSshOptions = {}): Promise<{ host: OpenSsh; session: SshSession }> {
  const host = await startOpenSsh(key.publicKey, options);
  closing.push(() => host.close());
  const session = await openSession({ address: host.address, privateKey: key.privateKey });
  closing.push(() => session.close());
  return { host, session };
}

const step = (name: string) => ({ instanceName: 'instance', name });

/** Runs a script, and returns its reports without those about progress. */
async function reports(session: SshSession, script: string, name = 'download'): Promise<readonly string[]> {
  await startStep(session, step(name), script);
  return followed(session, name);
}

async function followed(session: SshSession, name: string): Promise<readonly string[]> {
  let text = '';
  await followStep(session, step(name), 0, async (bytes) => {
    text += bytes.toString();
    return 'more';
  });
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('at '));
}

const download = (...files: readonly LinkedFile[]) => downloadScript(files, 10);

/** Does something else the first times. */
function first(count: number, trouble: (response: ServerResponse) => void): Trouble {
  let left = count;
  return (_, response) => {
    if (left === 0) return false;
    left -= 1;
    trouble(response);
    return true;
  };
}

/** Sends half of the content and ends the connection. */
function breakHalfWay(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, content.length / 2), () => response.socket?.end());
}

describe.skipIf(missing !== '')('transfers on OpenSSH', () => {
  it('a download over https continues where the connection broke, and is verified', async () => {
    const server = await serve({ trouble: first(1, breakHalfWay) });
    const { host, session } = await instance({ env: { CURL_CA_BUNDLE: server.ca } });
    const file = { id: 'a1', link: `${server.url}/weights.bin`, path: "deep/it's here/w.bin", sha256 };
    expect(await reports(session, download(file))).toEqual([`done a1 ${content.length}`]);
    expect((await readFile(join(host.home, file.path))).equals(content)).toBe(true);
    expect(server.ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
    expect(await readdir(join(host.home, dirname(file.path)))).toEqual(['w.bin']);
    expect(await readdir(join(host.home, '.gpu-clouds/instance/download'))).not.toContainEqual(
      expect.stringMatching(/^(why|http|head|lane|script)/),
    );
  });

  it('without curl and bash, GNU Wget continues a download', async () => {
    const server = await serve({ tls: false, trouble: first(1, breakHalfWay) });
    const { host, session } = await instance({ shell: 'dash', programs: [...programs, 'wget'] });
    const file = { id: 'a1', link: `${server.url}/w.bin`, path: 'w.bin', size: content.length, etag: 'abc' };
    expect(await reports(session, download(file))).toEqual([`done a1 ${content.length}`]);
    expect((await readFile(join(host.home, 'w.bin'))).equals(content)).toBe(true);
    expect(server.ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  it('a download from a server without ranges begins again after a break', async () => {
    let requests = 0;
    const trouble: Trouble = (_, response) => {
      requests += 1;
      if (requests === 1) breakHalfWay(response);
      else response.writeHead(200, { 'content-length': content.length }).end(content);
      return true;
    };
    const server = await serve({ tls: false, trouble });
    const { host, session } = await instance({ shell: 'dash', programs: [...programs, 'curl'] });
    const file = { id: 'a1', link: `${server.url}/w.bin`, path: 'w.bin', size: content.length };
    expect(await reports(session, download(file))).toEqual([`done a1 ${content.length}`]);
    expect((await readFile(join(host.home, 'w.bin'))).equals(content)).toBe(true);
  });

  it('a partial file with another content is thrown away once its SHA-256 is wrong', async () => {
    const server = await serve({ tls: false });
    const { host, session } = await instance();
    await session.exec('head -c 1000 /dev/zero > .gpu-clouds-a1.part');
    const file = { id: 'a1', link: `${server.url}/w.bin`, path: 'w.bin', sha256 };
    expect(await reports(session, download(file))).toEqual([`done a1 ${content.length}`]);
    expect(server.ranges).toEqual(['bytes=1000-', undefined]);
    expect((await readFile(join(host.home, 'w.bin'))).equals(content)).toBe(true);
  });

  it('a file with another SHA-256 is not there, and the report has the one that it has', async () => {
    const server = await serve({ tls: false });
    const { host, session } = await instance();
    const wrong = { id: 'a1', link: `${server.url}/w.bin`, path: 'w/w.bin', sha256: 'b'.repeat(64) };
    expect(await reports(session, download(wrong))).toEqual([`failed a1 mismatch 0 ${sha256}`]);
    expect(await readdir(join(host.home, 'w'))).toEqual([]);
  });

  it.each(['curl', 'wget'])('with %s, a refusal is final and trouble of the server is not', async (tool) => {
    const trouble: Trouble = ({ url, headers }, response) => {
      if (headers['if-match'] === '"old"') response.writeHead(412).end();
      else if (url === '/gone') response.writeHead(404).end('not here');
      else return busy({ url, headers } as never, response);
      return true;
    };
    const busy = first(2, (response) => response.writeHead(503).end());
    const server = await serve({ tls: false, trouble });
    const { session } = await instance({ shell: 'dash', programs: [...programs, tool] });
    const at = (name: string, more: Partial<LinkedFile> = {}) => ({
      id: 'a1',
      link: `${server.url}/${name}`,
      path: name,
      ...more,
    });
    expect(await reports(session, download(at('busy')), 'busy')).toEqual([`done a1 ${content.length}`]);
    expect(await reports(session, download(at('gone')), 'gone')).toEqual([
      expect.stringMatching(/^failed a1 http 404 /),
    ]);
    expect(await reports(session, download(at('changed', { etag: 'old' })), 'changed')).toEqual([
      expect.stringMatching(/^failed a1 http 412 /),
    ]);
  });

  it('a source that does not answer is given up after a few attempts', async () => {
    const { session } = await instance();
    const file = { id: 'a1', link: 'http://127.0.0.1:9/x', path: 'x' };
    expect(await reports(session, download(file))).toEqual([
      expect.stringMatching(/^failed a1 network 0 curl: \(7\) /),
    ]);
  });

  it('a redirect from https to something else is not followed', async () => {
    const server = await serve({
      trouble: (_, response) => {
        response.writeHead(302, { location: 'http://127.0.0.1:9/x' }).end();
        return true;
      },
    });
    const { session } = await instance({ env: { CURL_CA_BUNDLE: server.ca } });
    const file = { id: 'a1', link: `${server.url}/x`, path: 'x', sha256 };
    expect(await reports(session, download(file))).toEqual([expect.stringMatching(/^failed a1 link 0 /)]);
  });

  it('a certificate that is not trusted is refused', async () => {
    const server = await serve();
    const { session } = await instance();
    const file = { id: 'a1', link: `${server.url}/x`, path: 'x', sha256 };
    expect(await reports(session, download(file))).toEqual([expect.stringMatching(/^failed a1 tls 0 /)]);
  });

  it('an instance without curl and Wget says so', async () => {
    const { session } = await instance({ shell: 'dash', programs });
    const file = { id: 'a1', link: 'http://127.0.0.1:9/x', path: 'x' };
    expect(await reports(session, download(file))).toEqual([expect.stringMatching(/^failed a1 no-tool 0/)]);
  });

  it('a disk without room for a file is reported before it is downloaded', async () => {
    const server = await serve({ tls: false });
    const { host, session } = await instance();
    const df =
      '#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted\necho /dev/x 1000 900 100 90% /\n';
    await writeFile(join(host.bin, 'df'), df, { mode: 0o755 });
    const file = { id: 'a1', link: `${server.url}/x`, path: 'x', size: content.length };
    expect(await reports(session, download(file))).toEqual([expect.stringMatching(/^failed a1 full 0/)]);
    expect(server.ranges).toEqual([]);
  });

  it('many files with all sizes come in several lanes', async () => {
    const server = await serve({ tls: false });
    const { host, session } = await instance();
    const files = Array.from({ length: 40 }, (_, index) => ({
      id: `f${index}`,
      link: `${server.url}/${index}`,
      path: `many/${index % 3}/${index}`,
      size: index === 7 ? 0 : content.length,
    }));
    const done = await reports(session, download(...files));
    expect(new Set(done)).toEqual(new Set(files.map(({ id, size }) => `done ${id} ${size}`)));
    expect((await readFile(join(host.home, 'many/1/7'))).length).toBe(0);
  });

  it.each(['curl', 'wget'])('with %s, a link is in no argument, environment, or file of the instance', async (tool) => {
    let resume = () => {};
    const server = await serve({
      tls: false,
      trouble: first(1, (response) => {
        response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000));
        resume = () => response.end(content.subarray(1000));
      }),
    });
    const { host, session } = await instance({ shell: 'dash', programs: [...programs, tool] });
    const link = `${server.url}/x?X-Amz-Signature=${signature}`;
    await startStep(session, step('download'), download({ id: 'a1', link, path: 'x', size: content.length }));
    await until(() => server.ranges.length === 1, 'a request');
    const texts = [...(await processTexts()), ...(await fileTexts(host.home))];
    // Environments are not for the report of a test.
    const has = (text: string) => texts.some((each) => each.includes(text));
    expect([has('.gpu-clouds-a1.part'), has(signature)]).toEqual([true, false]);
    resume();
    expect(await followed(session, 'download')).toEqual([`done a1 ${content.length}`]);
    expect((await fileTexts(host.home)).join('\n')).not.toContain(signature);
  });

  it.each(['curl', 'wget'])('with %s, files are sent, again if the server is busy', async (tool) => {
    const puts = new Map<string, Buffer>();
    const server = await serve({ tls: false, puts, trouble: first(1, (response) => response.writeHead(503).end()) });
    const { host, session } = await instance({ shell: 'dash', programs: [...programs, tool] });
    await mkdir(join(host.home, 'out'));
    await writeFile(join(host.home, 'out/a b'), content);
    await writeFile(join(host.home, 'out/empty'), '');
    const files = [
      { id: 'a1', link: `${server.url}/one?X-Amz-Signature=${signature}`, path: 'out/a b' },
      { id: 'b2', link: `${server.url}/two`, path: 'out/empty' },
    ];
    expect(new Set(await reports(session, uploadScript(files, 10), 'send'))).toEqual(
      new Set([`done a1 ${content.length}`, 'done b2 0']),
    );
    expect(puts.get(`/one?X-Amz-Signature=${signature}`)?.equals(content)).toBe(true);
    expect(puts.get('/two')?.length).toBe(0);
  });

  it.each(['curl', 'wget'])('with %s, a part of a file is sent, and its copy is removed', async (tool) => {
    const puts = new Map<string, Buffer>();
    const server = await serve({ tls: false, puts });
    const { host, session } = await instance({ shell: 'dash', programs: [...programs, tool] });
    const whole = noise(3 * 1024 ** 2 - 5);
    await writeFile(join(host.home, 'large'), whole);
    const files = [0, 1, 2].map((begin) => ({
      id: `a${begin}`,
      link: `${server.url}/${begin}`,
      path: 'large',
      part: { begin, length: 1 },
    }));
    expect(await reports(session, uploadScript(files, 10), 'send')).toHaveLength(3);
    expect(Buffer.concat([0, 1, 2].map((begin) => puts.get(`/${begin}`) ?? Buffer.alloc(0))).equals(whole)).toBe(true);
    expect((await fileNames(host.home)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('a file that a server refuses, or that is gone, is reported', async () => {
    const server = await serve({ tls: false, trouble: first(9, (response) => response.writeHead(403).end()) });
    const { host, session } = await instance();
    await writeFile(join(host.home, 'x'), content);
    const at = (path: string) => ({ id: 'a1', link: `${server.url}/x`, path });
    expect(await reports(session, uploadScript([at('x')], 10), 'refused')).toEqual([
      expect.stringMatching(/^failed a1 http 403 /),
    ]);
    expect(await reports(session, uploadScript([at('y')], 10), 'gone')).toEqual([
      expect.stringMatching(/^failed a1 gone 0/),
    ]);
  });

  it('the files of a folder are listed with their sizes, up to a number', async () => {
    const { host, session } = await instance({ busybox: true });
    await session.exec('mkdir -p out/in; echo 12345 > "out/in/a b"; : > out/empty');
    await symlink('in/a b', join(host.home, 'out/link'));
    const listed = await listFilesThere(session, 'out', 3);
    expect(new Map(listed.map(({ name, size }) => [name, size]))).toEqual(
      new Map([
        ['in/a b', 6],
        ['empty', 0],
        ['link', 6],
      ]),
    );
    await expect(listFilesThere(session, 'out', 2)).rejects.toThrow('out has more than 2 files.');
    await session.exec('touch "out/$(printf \'a\\nb\')"');
    await expect(listFilesThere(session, 'out', 9)).rejects.toThrow('has a file whose name has a line break');
  });
});

/** Arguments and environments of all processes. */
async function processTexts(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const paths = pids.flatMap((pid) => [`/proc/${pid}/cmdline`, `/proc/${pid}/environ`]);
  return Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
}

async function fileNames(folder: string): Promise<readonly string[]> {
  return readdir(folder, { recursive: true });
}

async function fileTexts(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(files.map((path) => readFile(path, 'utf8').catch(() => '')));
}
