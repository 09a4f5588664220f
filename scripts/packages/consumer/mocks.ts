/** The mocks of the four clients, of which msw is a peer. */
import { handlers as gpuAiHandlers } from '@gpu-clouds/gpu-ai/msw';
import { handlers as massedComputeHandlers } from '@gpu-clouds/massed-compute/msw';
import { handlers as tensorDockHandlers } from '@gpu-clouds/tensordock/msw';
import { handlers, serviceUnavailable } from '@gpu-clouds/verda/msw';
import { setupServer } from 'msw/node';

setupServer(
  ...handlers({ answers: { getBalance: serviceUnavailable() } }),
  ...gpuAiHandlers(),
  ...massedComputeHandlers(),
  ...tensorDockHandlers(),
);

// @ts-expect-error: no such operation.
handlers({ answers: { getBlance: serviceUnavailable() } });
// @ts-expect-error: a balance has an amount.
handlers({ answers: { getBalance: { status: 200, body: {} } } });
