/** A worker to be killed: workflows and commands on instances, no cloud. Arguments: address, place of runs, workflow bundle. */

import { openRunStore, taskQueues } from '@gpu-clouds/jobs';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../src/activities/index.ts';

const [address, place, codePath] = process.argv.slice(2);
if (address === undefined || place === undefined || codePath === undefined)
  throw new Error('three arguments are needed');
const connection = await NativeConnection.connect({ address });
const { follow } = createActivities({
  fleet: 'default',
  clouds: new Map(),
  masterSecret: 'a master secret of the tests',
  runs: await openRunStore(place),
  timing: { pollIntervalMs: 50 },
});
const workers = await Promise.all([
  Worker.create({ connection, taskQueue: taskQueues.workflows, workflowBundle: { codePath } }),
  Worker.create({ connection, taskQueue: taskQueues.follow, activities: follow }),
]);
await Promise.all(workers.map((worker) => worker.run()));
