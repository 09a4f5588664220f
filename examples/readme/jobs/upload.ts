import type { InstanceJob, RunStore } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';

declare const client: Client;
declare const runs: RunStore;
declare const job: InstanceJob;

// #region shown
import { startJob, uploadInputs } from '@gpu-clouds/jobs';

const input = await uploadInputs(runs, 'src'); // `gpu-clouds upload src` prints the same id
await startJob(client, { ...job, files: { up: [{ input, to: 'src' }], down: [] } }, { runs });
// #endregion
