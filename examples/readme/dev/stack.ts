// #region shown
import { startStack } from '@gpu-clouds/dev';

const worker = ['npx', 'gpu-clouds', 'worker', '--json'] as const; // @gpu-clouds/cli and @gpu-clouds/workflows; or a program with runWorker()
const stack = await startStack({ env: process.env, home: '.gpu-clouds', worker, log: console.log });
console.log(stack.temporal.address, stack.simulators, stack.env); // the environment by which clients and clouds find it
await stack.close();
// #endregion
