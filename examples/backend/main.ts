// The service: HTTP and a worker in one process. Any number of them may run; each can go on with what another one began.

import { fileURLToPath } from 'node:url';
import { createClouds } from '@gpu-clouds/clouds';
import { namespaceFleet, openRunStore, temporalConnection } from '@gpu-clouds/jobs';
import { GpuCloudsPlugin } from '@gpu-clouds/workflows/plugin';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createService } from './server.ts';
import { Trainings, taskQueue } from './trainings.ts';
import { postWebhook } from './webhook.ts';

Runtime.install({ logger: new DefaultLogger('WARN') });
const { GPU_CLOUDS_MASTER_SECRET: masterSecret = '' } = process.env;
const runs = await openRunStore(process.env.GPU_CLOUDS_RUNS || '.gpu-clouds/runs');
const { connection: address, namespace = 'default' } = temporalConnection();
const connection = await NativeConnection.connect(address);
const { workflowService } = connection;
const fleet = process.env.GPU_CLOUDS_FLEET || (await namespaceFleet({ workflowService, namespace }));
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
  activities: { postWebhook },
  plugins: [new GpuCloudsPlugin({ clouds: createClouds().clouds, fleet, masterSecret, runs })],
});

const client = new Client({ connection: await Connection.connect(address), namespace });
const server = createService(new Trainings(client, fleet, runs), runs);
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const bound = server.address();
  console.log(`http://127.0.0.1:${typeof bound === 'object' ? bound?.port : bound}`);
});

// Until SIGINT or SIGTERM. Commands on instances go on, for the next process to follow.
await worker.run();
server.close();
server.closeAllConnections();
await client.connection.close();
await connection.close();
