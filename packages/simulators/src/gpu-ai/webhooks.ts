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

/**
 * Creates the webhook endpoint routes. Endpoints are stored but never called, because the simulators send no requests.
 */
export function webhookRoutes(world: World, idempotency: Idempotency): Route[] {
  const endpoints = new Map<string, Endpoint>();
  const found = ({ params }: Call): Endpoint => {
    const endpoint = endpoints.get(Object.values(params)[0] ?? '');
    if (endpoint === undefined) throw errorResponse(404, 'not_found', 'Webhook endpoint not found');
    return endpoint;
  };
  const create = ({ body }: Call): Answer => {
    const endpoint = {
      // A UUID, as in the vendor's SDKs. Its documentation also shows `whk_…`.
      id: world.random.uuid(),
      url: textOf(body, 'url') ?? '',
      event_types: textsOf(body, 'event_types'),
      enabled: true,
      created_at: new Date(world.clock.now()).toISOString(),
    };
    endpoints.set(endpoint.id, endpoint);
    // Only this response contains the secret.
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
