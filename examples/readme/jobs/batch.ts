import type { Job } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';

declare const client: Client;
declare const job: Job;

// #region shown
import { startBatch } from '@gpu-clouds/jobs';

const seeds = Array.from({ length: 200 }, (_, seed) => ({ env: { SEED: String(seed) } }));
const batch = await startBatch(client, job, seeds, { id: 'sweep', window: 20, maxFailures: 10 });
const { outcome, items, dollars } = await batch.result(); // items: { index, id, outcome, exitCode, dollars, kind, message }
// #endregion

console.log(outcome, items, dollars);
