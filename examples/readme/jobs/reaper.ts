import type { Client } from '@temporalio/client';

declare const client: Client;

// #region shown
import { ensureReaper } from '@gpu-clouds/jobs';

const reaper = await ensureReaper(client, { fleet: 'default', every: '5m' }); // at every start of a worker, if you like
console.log((await reaper.lastRun())?.report); // { destroyed, waiting, wanted, failures, sightings }; or look now: await reaper.run()
// #endregion
