import { createClouds } from '@gpu-clouds/clouds';
import { runWorker } from '@gpu-clouds/workflows';
import { Client, Connection } from '@temporalio/client';

declare const masterSecret: string;
const { clouds } = createClouds();
const connection = await Connection.connect();

// #region shown
// GPU_CLOUDS_CODEC_KEYS=2026:<openssl rand -base64 32>
import { dataConverterFromEnv } from '@gpu-clouds/jobs/codec';

const dataConverter = dataConverterFromEnv();
const client = new Client({ connection, dataConverter });
await runWorker({ clouds, masterSecret, dataConverter });
// #endregion

await client.connection.close();
