import { createMassedCompute } from '@gpu-clouds/massed-compute';
import type { Adapter } from '../adapter.ts';
import { massedComputeFailures } from './failures.ts';
import { massedComputeCloud } from './massed-compute-cloud.ts';

export const adapter: Adapter = {
  failures: massedComputeFailures,
  create: ({ variable, client, sshPort }) =>
    massedComputeCloud(
      createMassedCompute({ ...client, token: variable('MASSED_COMPUTE_TOKEN') }),
      sshPort('MASSED_COMPUTE_SSH_PORT'),
    ),
};
