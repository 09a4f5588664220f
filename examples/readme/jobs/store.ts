import { createClouds } from '@gpu-clouds/clouds';
import { runWorker } from '@gpu-clouds/workflows';

declare const masterSecret: string;
declare const id: string;
const { clouds } = createClouds();

// #region shown
import { openRuns, readOutput } from '@gpu-clouds/jobs';

const runs = await openRuns('s3://bucket/prefix'); // or a folder; GPU_CLOUDS_RUNS tells it to runWorker and to the gpu-clouds command
for await (const piece of readOutput(runs, id)) process.stdout.write(piece);
for await (const { path, size } of runs.listFiles(id, 'outputs')) console.log(path, size); // runs.readFile(id, path) streams one
await runWorker({ clouds, masterSecret, runs });
// #endregion
