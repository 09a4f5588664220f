import type { Job, RunStore } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';

declare const client: Client;
declare const job: Job;
declare const runs: RunStore;

// #region shown
import { scheduleJob } from '@gpu-clouds/jobs';

const nightly = await scheduleJob(client, job, { name: 'nightly', cron: '0 3 * * *', timezone: 'Europe/Berlin', runs });
await nightly.pause('holidays'); // also resume(), run(), status(), and remove()
// #endregion
