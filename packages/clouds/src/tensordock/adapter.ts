import { createTensorDock } from '@gpu-clouds/tensordock';
import type { Adapter } from '../adapter.ts';
import { tensorDockFailures } from './failures.ts';
import { tensorDockCloud } from './tensordock-cloud.ts';

export const adapter: Adapter = {
  failures: tensorDockFailures,
  create: ({ variable, client }) =>
    tensorDockCloud(
      createTensorDock({
        ...client,
        apiKey: variable('TENSORDOCK_API_KEY'),
        apiToken: variable('TENSORDOCK_API_TOKEN'),
      }),
    ),
};
