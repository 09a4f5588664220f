/** The mocks of a client, of which msw is a peer. */
import { handlers, serviceUnavailable } from '@gpu-clouds/verda/msw';
import { setupServer } from 'msw/node';

setupServer(...handlers({ answers: { getBalance: serviceUnavailable() } }));

// @ts-expect-error: no such operation.
handlers({ answers: { getBlance: serviceUnavailable() } });
// @ts-expect-error: a balance has an amount.
handlers({ answers: { getBalance: { status: 200, body: {} } } });
