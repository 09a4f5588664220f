import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { textOf, textsOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
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
 * Creates the webhook endpoint handlers. Endpoints are stored but never called, because the simulators send no requests.
 */
export function webhookHandlers(world: World): Handlers<OperationIds['gpu-ai']> {
  const endpoints = new Map<string, Endpoint>();
  const found = ({ id }: Call): Endpoint => {
    const endpoint = endpoints.get(id);
    if (endpoint === undefined) throw errorResponse(404, 'not_found', 'Webhook endpoint not found');
    return endpoint;
  };
  return {
    listWebhookEndpoints: ({ query }) => page([...endpoints.values()], query),
    createWebhookEndpoint: ({ body }) => {
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
      return ok({ ...endpoint, secret: `whsec_${world.random.hex(32)}` }, 201);
    },
    getWebhookEndpoint: (call) => ok(found(call)),
    deleteWebhookEndpoint: (call) => {
      endpoints.delete(found(call).id);
      return { status: 204 };
    },
  };
}
