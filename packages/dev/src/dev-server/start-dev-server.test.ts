import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '@gpu-clouds/jobs/test';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDevServer } from './start-dev-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-dev-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function withClient<T>(address: string, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('startDevServer keeps workflows in dbFile across a restart, and close stops the server', async () => {
  const dbFile = join(folder, 'new', 'temporal.db');
  const first = await startDevServer({ dbFile });
  await withClient(first.address, (client) => client.workflow.start('any', { workflowId: 'kept', taskQueue: 'none' }));
  await first.close();
  expect(alive(first.pid)).toBe(false);
  const second = await startDevServer({ dbFile });
  try {
    const { status } = await withClient(second.address, (client) => client.workflow.getHandle('kept').describe());
    expect(status.name).toBe('RUNNING');
  } finally {
    await second.close();
    await second.close();
  }
});

it('startDevServer passes on the dynamic configuration', async () => {
  const server = await startDevServer({ dynamicConfig: { 'limit.maxIDLength': 40 } });
  const start = (workflowId: string) =>
    withClient(server.address, (client) => client.workflow.start('any', { workflowId, taskQueue: 'none' }));
  try {
    await expect(start('short')).resolves.toMatchObject({ workflowId: 'short' });
    await expect(start('longer'.repeat(10))).rejects.toThrow();
  } finally {
    await server.close();
  }
});

it('the dev server stops when its parent process is killed', async () => {
  const program = `
import { startDevServer } from ${JSON.stringify(new URL('./start-dev-server.ts', import.meta.url).href)};
console.log((await startDevServer()).pid);
setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) => {
    createInterface({ input: parent.stdout }).once('line', (line) => resolve(Number(line)));
  });
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await until(() => !alive(pid), 'the end of the server');
});

it('startDevServer names the port that is in use', async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, '127.0.0.1', () => {
      const address = taken.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  await expect(startDevServer({ port })).rejects.toThrow(`Port ${port} for Temporal is in use by another program`);
  await new Promise((resolve) => taken.close(resolve));
});
