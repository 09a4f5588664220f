import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startServer } from './server.ts';

let folder: string;
let runs: RunStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-server-'));
  runs = localRunStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function start(host: string) {
  const client = new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) });
  return startServer({ client, fleet: 'test', runs, host, offers: async () => ({ offers: [], notes: [] }) });
}

it.each(['127.0.0.1', '127.0.0.2', 'localhost', 'LOCALHOST'])(
  'on the loopback address %s the server starts without tokens, and generates one that may do everything',
  async (host) => {
    const server = await start(host);
    const [url, token] = server.dashboardUrl.split('/#token=');
    const answer = await fetch(`${url}/api/access`, { headers: { authorization: `Bearer ${token}` } });
    expect(await answer.json()).toMatchObject({ scope: 'admin' });
    await server.close();
  },
);

// A name can have any address. `.invalid` never resolves.
it.each(['127.0.0.1.nip.invalid', '127.invalid', '0.0.0.0', '::', '::ffff:10.0.0.1', '128.0.0.1'])(
  'on %s, which is not a loopback address, the server does not start without tokens',
  async (host) => {
    await expect(start(host)).rejects.toThrow(`not on ${host}. Add one with "gpu-clouds tokens add`);
  },
);
