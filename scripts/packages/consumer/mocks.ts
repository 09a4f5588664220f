/** The mocks of the four clients, of which msw is a peer. */
import { handlers as gpuAiHandlers } from '@gpu-clouds/gpu-ai/msw';
import { handlers as massedComputeHandlers } from '@gpu-clouds/massed-compute/msw';
import { handlers as tensorDockHandlers } from '@gpu-clouds/tensordock/msw';
import { handlers } from '@gpu-clouds/verda/msw';
import { setupServer } from 'msw/node';

setupServer(
  ...handlers({ answers: { getBalance: { status: 503 } } }),
  ...gpuAiHandlers(),
  ...massedComputeHandlers(),
  ...tensorDockHandlers(),
);

// @ts-expect-error: no such operation.
handlers({ answers: { getBlance: { status: 503 } } });
