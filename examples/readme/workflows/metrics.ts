import { createClouds } from '@gpu-clouds/clouds';
import { runWorker } from '@gpu-clouds/workflows';

declare const masterSecret: string;
const { clouds } = createClouds();

// #region shown
await runWorker({ clouds, masterSecret, metrics: { port: 9464 }, health: { port: 8080 } }); // on 127.0.0.1, unless `host` says otherwise
// #endregion
