import { type CatalogOverrides, stockOf } from '../catalog.ts';
import { readJsonBody } from '../json-body.ts';
import { KeyStore } from '../key-store.ts';
import { createVendorApp, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { gpuTypes } from './catalog.ts';
import { catalogHandlers } from './catalog-handlers.ts';
import { Idempotency } from './idempotency.ts';
import { Instances } from './instances.ts';
import { keyHandlers } from './keys.ts';
import { errorResponse, problem } from './problems.ts';
import { listUsage } from './usage.ts';
import { webhookHandlers } from './webhooks.ts';

/** Creates the GPU.ai simulator. */
export function createGpuAiSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('gpu-ai') };
  const apiKey = `gpuai_live_${world.random.hex(24)}`;
  const stock = stockOf('gpu-ai', gpuTypes, overrides);
  const keys = new KeyStore(world, 'gpu-ai');
  const instances = new Instances(world, stock, keys);
  const app = createVendorApp(world, gpuAiStyle(apiKey, new Idempotency(world)), {
    ...instances.handlers(),
    ...keyHandlers(world, keys),
    ...catalogHandlers(stock),
    ...webhookHandlers(world),
    listUsage: ({ query }) => listUsage(world, instances, query),
  });
  return { app, store: instances.store, credentials: () => ({ GPU_AI_API_KEY: apiKey }) };
}

function gpuAiStyle(apiKey: string, idempotency: Idempotency): VendorStyle {
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
    perform: (call, handle) => idempotency.perform(call, handle),
    invalid: (message) => problem(422, 'validation_failed', message),
    broken: () => problem(500, 'internal_error', 'Internal error'),
    rateLimited: () => problem(429, 'rate_limited', 'Too many requests'),
    notFound: () => problem(404, 'not_found', 'Not found'),
  };
}
