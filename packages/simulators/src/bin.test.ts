import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const bin = fileURLToPath(new URL('./bin.ts', import.meta.url));

function start(...flags: readonly string[]): {
  child: ChildProcessWithoutNullStreams;
  out: () => string;
  err: () => string;
} {
  const child = spawn(process.execPath, [bin, ...flags]);
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => {
    out += data;
  });
  child.stderr.on('data', (data) => {
    err += data;
  });
  return { child, out: () => out, err: () => err };
}

async function failed(...flags: readonly string[]): Promise<string> {
  const { child, out, err } = start(...flags);
  const [code] = await once(child, 'close');
  expect([code, out()]).toEqual([1, '']);
  expect(err().trim().split('\n')).toHaveLength(1);
  return err();
}

it.each(['SIGINT', 'SIGTERM'] as const)(
  'the simulators process prints one line of JSON when it is ready, and exits with 0 on %s',
  async (signal) => {
    const { child, out, err } = start('--seed', '3');
    await once(child.stdout, 'data');
    const endpoints = JSON.parse(out());
    expect(out().trim().split('\n')).toHaveLength(1);
    expect((await fetch(`${endpoints['gpu-ai'].baseUrl}/health`)).status).toBe(200);
    child.kill(signal);
    const [code] = await once(child, 'close');
    expect([code, err()]).toEqual([0, '']);
  },
);

it('the simulators process names a port that is in use on one line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await failed('--port-base', String(port))).toContain(
    `Port ${port} on 127.0.0.1 is in use. Choose other ports with --port-base (portBase in code).`,
  );
  server.close();
});

it('the simulators process reports an invalid flag on one line', async () => {
  expect(await failed('--port-base', 'high')).toContain(
    '--port-base must be a whole number from 1 to 65532, not "high".',
  );
  expect(await failed('--speed', '9')).toContain('--speed');
  expect(await failed('--faults', '/nowhere.json')).toContain('cannot read /nowhere.json');
  expect(await failed('--faults', bin)).toContain('is not valid JSON');
});

it('the simulators process prints its usage with --help', async () => {
  const { child, out } = start('--help');
  await once(child, 'close');
  expect(out()).toContain('Usage: pnpm simulators [--port-base N] [--seed N] [--faults FILE]');
});
