import type { Answer } from '../answer.ts';
import { textOf, textsOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import type { Idempotency } from './idempotency.ts';
import { page } from './pages.ts';
import { errorResponse } from './problems.ts';

interface Endpoint {
  readonly id: string;
  readonly url: string;
  readonly event_types: readonly string[];
  readonly enabled: boolean;
  readonly created_at: string;
}

/** Webhook endpoints: kept, and never called, since the simulators talk to nobody. */
export function webhookRoutes(world: World, idempotency: Idempotency): Route[] {
  const endpoints = new Map<string, Endpoint>();
  const found = ({ params }: Call): Endpoint => {
    const endpoint = endpoints.get(Object.values(params)[0] ?? '');
    if (endpoint === undefined) throw errorResponse(404, 'not_found', 'Webhook endpoint not found');
    return endpoint;
  };
  const create = ({ body }: Call): Answer => {
    const endpoint = {
      // A UUID here and in the vendor's SDKs; its documentation also shows `whk_…`.
      id: world.random.uuid(),
      url: textOf(body, 'url') ?? '',
      event_types: textsOf(body, 'event_types'),
      enabled: true,
      created_at: new Date(world.clock.now()).toISOString(),
    };
    endpoints.set(endpoint.id, endpoint);
    // The secret is told this once.
    return { status: 201, json: { ...endpoint, secret: `whsec_${world.random.hex(32)}` } };
  };
  return [
    { method: 'GET', path: '/webhook-endpoints', handle: ({ query }) => page([...endpoints.values()], query) },
    { method: 'POST', path: '/webhook-endpoints', ...idempotency.once(create) },
    { method: 'GET', path: '/webhook-endpoints/{}', handle: (call) => ({ status: 200, json: found(call) }) },
    {
      method: 'DELETE',
      path: '/webhook-endpoints/{}',
      handle: (call) => {
        endpoints.delete(found(call).id);
        return { status: 204 };
      },
    },
  ];
}
