import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { recordingTerminal } from '../../test/recording-terminal.ts';
import { openSsh, remotePath } from './ssh.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-ssh-'));
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it('exec passes both streams of a command on byte for byte, and returns its exit code', async () => {
  const program = `#!/bin/sh\nprintf 'a\\n\\351\\0' >&2; printf 'out\\377'; exit 3\n`;
  await writeFile(join(folder, 'ssh'), program, { mode: 0o755 });
  const terminal = recordingTerminal({});
  expect(await openSsh('ssh', [], 'pipe', terminal)).toBe(3);
  expect(terminal.rawErrorBytes()).toEqual(Buffer.from([0x61, 0x0a, 0xe9, 0]));
  expect(terminal.rawBytes()).toEqual(Buffer.from([0x6f, 0x75, 0x74, 0xff]));
  expect(terminal.notes).toEqual([]);
});

it.each([
  ['mine:model.bin', { name: 'mine', path: 'model.bin' }],
  ['mine:', { name: 'mine', path: '' }],
  ['mine:a:b', { name: 'mine', path: 'a:b' }],
  ['sl-2026-11-29T22:20:36Z:s.yaml', { name: 'sl-2026-11-29T22:20:36Z', path: 's.yaml' }],
  ['sl-2026-11-29T22:20:36Z:', { name: 'sl-2026-11-29T22:20:36Z', path: '' }],
  ['./mine:model.bin', undefined],
  ['model.bin', undefined],
])('cp reads %s as a name and a path, also of a scheduled run', (text, expected) => {
  expect(remotePath(text)).toEqual(expected);
});
