import { type CatalogOverrides, overridden } from '../catalog.ts';
import { readJsonBody } from '../json-body.ts';
import { createVendorApp, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { gpuTypes } from './catalog.ts';
import { catalogRoutes } from './catalog-routes.ts';
import { Idempotency } from './idempotency.ts';
import { Instances } from './instances.ts';
import { Keys } from './keys.ts';
import { errorResponse, problem } from './problems.ts';
import { Stock } from './stock.ts';
import { usageRoute } from './usage.ts';
import { webhookRoutes } from './webhooks.ts';

/** Creates the GPU.ai simulator. */
export function createGpuAiSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('gpu-ai') };
  const apiKey = `gpuai_live_${world.random.hex(24)}`;
  const stock = new Stock(
    overridden('gpu-ai', gpuTypes, overrides, (type, { pricePerHour, available }) => ({
      ...type,
      pricePerHour: pricePerHour ?? type.pricePerHour,
      stock:
        available === undefined
          ? type.stock
          : Object.fromEntries(Object.keys(type.stock).map((region) => [region, available])),
    })),
  );
  const keys = new Keys(world);
  const instances = new Instances(world, stock, keys);
  const idempotency = new Idempotency(world);
  const app = createVendorApp(world, gpuAiStyle(apiKey), [
    ...instances.routes(idempotency),
    ...keys.routes(idempotency),
    ...catalogRoutes(stock),
    ...webhookRoutes(world, idempotency),
    usageRoute(world, instances),
  ]);
  return {
    app,
    credentials: () => ({ GPU_AI_API_KEY: apiKey }),
    open: async () => {},
    applyFault: (rule) => instances.store.applyFault(rule),
    close: () => instances.store.close(),
  };
}

function gpuAiStyle(apiKey: string): VendorStyle {
  return {
    vendor: 'gpu-ai',
    media: 'application/json',
    readBody: (request) =>
      readJsonBody(request, () => errorResponse(400, 'validation_failed', 'The body is not a JSON object')),
    authenticate: ({ headers }) => {
      const header = headers.get('authorization');
      if (header === null) throw errorResponse(401, 'unauthenticated', 'Authorization header is missing');
      if (header !== `Bearer ${apiKey}`) throw errorResponse(401, 'invalid_api_key', 'The API key is not valid');
    },
    invalid: (message) => problem(422, 'validation_failed', message),
    broken: () => problem(500, 'internal_error', 'Internal error'),
    rateLimited: (seconds) => problem(429, 'rate_limited', 'Too many requests', { 'retry-after': String(seconds) }),
    notFound: () => problem(404, 'not_found', 'Not found'),
  };
}
