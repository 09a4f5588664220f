import { createClouds } from '@gpu-clouds/clouds';
import type { NativeConnection } from '@temporalio/worker';

declare const connection: NativeConnection;
declare const workflowsPath: string;
declare const masterSecret: string;
const { clouds } = createClouds();

// #region shown
import { GpuCloudsPlugin } from '@gpu-clouds/workflows/plugin';
import { Worker } from '@temporalio/worker';

const gpus = new GpuCloudsPlugin({ clouds, masterSecret });
const worker = await Worker.create({ connection, taskQueue: 'yours', workflowsPath, plugins: [gpus] });
// #endregion

await worker.run();
