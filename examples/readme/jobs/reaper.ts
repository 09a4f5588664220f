import type { Client } from '@temporalio/client';

declare const client: Client;

// #region shown
import { ensureReaper } from '@gpu-clouds/jobs';

const reaper = await ensureReaper(client, { every: '5m' }); // safe to call at each start of a worker
console.log((await reaper.lastRun())?.report); // { destroyed, waiting, alarms, wanted, failures, orphansSince }; to run it now: await reaper.run()
// #endregion
