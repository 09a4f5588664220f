import { createVerda } from '@gpu-clouds/verda';
import type { Adapter } from '../adapter.ts';
import { verdaFailures } from './failures.ts';
import { verdaCloud } from './verda-cloud.ts';

export const adapter: Adapter = {
  failures: verdaFailures,
  create: ({ variable, client, sshPort, clock }) =>
    verdaCloud(
      createVerda({ ...client, clientId: variable('VERDA_CLIENT_ID'), clientSecret: variable('VERDA_CLIENT_SECRET') }),
      { ...sshPort('VERDA_SSH_PORT'), fetch: client.fetch, clock, inferenceKey: variable('VERDA_INFERENCE_KEY') },
    ),
};
