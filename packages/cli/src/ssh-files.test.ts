import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordingTerminal } from '../test/recording-terminal.ts';
import { removeEndedSshFiles, sshCommand, writeSshFiles } from './ssh-files.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gpu-clouds-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it('the private keys of leases that have ended are removed, and that of an active lease stays', async () => {
  for (const id of ['active', 'ended', 'forgotten']) {
    await mkdir(join(home, 'ssh', id), { recursive: true });
    await writeFile(join(home, 'ssh', id, 'key'), 'private');
  }
  const leases = new Map([
    ['active', { endedAt: undefined }],
    ['ended', { endedAt: new Date() }],
  ]);
  const terminal = recordingTerminal({ GPU_CLOUDS_HOME: home });
  await removeEndedSshFiles(new Client(), terminal, async (_client, id) => leases.get(id));
  expect(await readdir(join(home, 'ssh'))).toEqual(['active']);
});

it.each([
  ['host', '10.0.0.1\n  ProxyCommand touch /tmp/owned'],
  ['host', '-oProxyCommand=touch'],
  ['host', '%h'],
  ['user', 'root\n  PermitLocalCommand yes'],
  ['hostPublicKey', 'ssh-ed25519 AAAA\n* ssh-ed25519 BBBB'],
])('a %s that could be read as an option of OpenSSH is refused: %j', async (field, value) => {
  const secret = Buffer.alloc(32, 1).toString('base64');
  const terminal = recordingTerminal({ GPU_CLOUDS_HOME: home, GPU_CLOUDS_MASTER_SECRET: secret });
  const good = { host: '10.0.0.1', port: 22, user: 'root', hostKey: 'SHA256:x', hostPublicKey: 'ssh-ed25519 AAAA' };
  await expect(writeSshFiles('mine', { ...good, keyName: 'lease', [field]: value }, terminal)).rejects.toThrow(
    `"mine" has no usable ${field}: `,
  );
  await expect(readdir(join(home, 'ssh'))).rejects.toThrow('ENOENT');
});

it('the home folder and the SSH files in it are readable by their owner only', async () => {
  await chmod(home, 0o755);
  const secret = Buffer.alloc(32, 1).toString('base64');
  const terminal = recordingTerminal({ GPU_CLOUDS_HOME: home, GPU_CLOUDS_MASTER_SECRET: secret });
  const host = { host: '127.0.0.1', port: 22, user: 'root', hostKey: 'SHA256:x', hostPublicKey: 'ssh-ed25519 AAAA' };
  await writeSshFiles('mine', { ...host, keyName: 'lease' }, terminal);
  const paths = ['.', 'ssh', 'ssh/lease', 'ssh/lease/key', 'ssh/lease/known_hosts', 'ssh/lease/config'];
  const modes = await Promise.all(paths.map(async (path) => (await stat(join(home, path))).mode & 0o777));
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o600, 0o600, 0o600]);
});

it('OpenSSH knows the instance of a scheduled run by its ID with hyphens for colons', async () => {
  const secret = Buffer.alloc(32, 1).toString('base64');
  const terminal = recordingTerminal({ GPU_CLOUDS_HOME: home, GPU_CLOUDS_MASTER_SECRET: secret });
  const connection = {
    host: '127.0.0.1',
    port: 22,
    user: 'root',
    hostKey: 'SHA256:x',
    hostPublicKey: 'ssh-ed25519 AAAA',
  };
  const files = await writeSshFiles('sl-2026-11-29T22:20:36Z', { ...connection, keyName: 'run' }, terminal);
  expect(files.block).toMatch(/^Host sl-2026-11-29T22-20-36Z$/m);
  expect(sshCommand(files)).toMatch(/ sl-2026-11-29T22-20-36Z$/);
});
