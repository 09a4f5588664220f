// Starts the service. Workers run elsewhere: `gpu-clouds worker`.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openRunStore, parseJob, temporalConnection } from '@gpu-clouds/jobs';
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';
import { serve } from '@hono/node-server';
import { Client, Connection } from '@temporalio/client';
import { createApp } from './app.ts';
import { Trainings } from './trainings.ts';
import { readUsers } from './users.ts';
import { createReceiver } from './webhook.ts';

const { USERS_FILE = 'users.json', WEBHOOK_KEY, GPU_CLOUDS_RUNS, GPU_CLOUDS_FLEET: fleet, PORT = '8080' } = process.env;
if (!WEBHOOK_KEY)
  throw new Error('Set WEBHOOK_KEY to the value that the workers have, from "openssl rand -base64 32".');
const users = await readUsers(USERS_FILE);
const runs = await openRunStore(GPU_CLOUDS_RUNS || '.gpu-clouds/runs');
const jobFile = fileURLToPath(new URL('training.yaml', import.meta.url));
const job = parseJob(await readFile(jobFile, 'utf8'), jobFile);

const { connection: address, namespace = 'default' } = temporalConnection();
const connection = await Connection.connect(address);
const client = new Client({ connection, namespace, dataConverter: dataConverterFromEnv() });
const trainings = new Trainings({ client, runs, job, fleet });
await trainings.setBudgets(users);

const app = createApp({ client, runs, trainings, users });
// Yours: store the end, or send a mail, once for each deliveryId. A notification may arrive twice.
app.route(
  '/webhook',
  createReceiver(WEBHOOK_KEY, async (end) => console.log(JSON.stringify(end))),
);
// On loopback: a proxy in front of the service has the TLS certificate.
const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(PORT) }, ({ port }) => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void connection.close());
  });
}
