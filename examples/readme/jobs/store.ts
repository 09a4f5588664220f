import { createClouds } from '@gpu-clouds/clouds';
import { runWorker } from '@gpu-clouds/workflows';

declare const masterSecret: string;
declare const id: string;
const { clouds } = createClouds();

// #region shown
import { openRunStore, readOutput } from '@gpu-clouds/jobs';

const runs = await openRunStore('s3://bucket/prefix'); // or a folder; runWorker and the CLI read GPU_CLOUDS_RUNS
for await (const piece of readOutput(runs, id)) process.stdout.write(piece);
for await (const { path, size } of runs.listFiles(id, 'outputs')) console.log(path, size); // runs.readFile(id, path) streams a file
await runWorker({ clouds, masterSecret, runs });
// #endregion
