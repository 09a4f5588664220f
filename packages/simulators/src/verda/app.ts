import { type CatalogOverrides, overridden } from '../catalog.ts';
import { readJsonBody } from '../json-body.ts';
import { isRecord, type JsonRecord } from '../record.ts';
import { createVendorApp, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { instanceTypes } from './catalog.ts';
import { catalogRoutes } from './catalog-routes.ts';
import { clusterRoutes } from './clusters.ts';
import { deploymentRoutes } from './deployments.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import { addInferenceHost } from './inference.ts';
import { instanceRoutes } from './instance-routes.ts';
import { Instances } from './instances.ts';
import { jobRoutes } from './job-routes.ts';
import { JobDeployments } from './jobs.ts';
import { Keys } from './keys.ts';
import { RateLimit, tooMany } from './rate-limit.ts';
import { Scripts } from './scripts.ts';
import { secretRoutes } from './secrets.ts';
import { Stock } from './stock.ts';
import { Tokens } from './tokens.ts';
import { volumeRoutes } from './volume-routes.ts';
import { VolumeStore } from './volumes.ts';

/** Creates the Verda simulator. */
export function createVerdaSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('verda') };
  const credentials = {
    clientId: `sim-client-${world.random.hex(8)}`,
    clientSecret: `sim-secret-${world.random.hex(24)}`,
  };
  const inferenceKey = `sim-inference-${world.random.fork('inference').hex(24)}`;
  const tokens = new Tokens(world, credentials);
  const keys = new Keys(world);
  const scripts = new Scripts(world);
  const volumes = new VolumeStore(world);
  const types = overridden('verda', instanceTypes, overrides, (type, { pricePerHour, available }) => ({
    ...type,
    pricePerHour: pricePerHour ?? type.pricePerHour,
    stock:
      available === undefined
        ? type.stock
        : Object.fromEntries(Object.keys(type.stock).map((code) => [code, available])),
  }));
  const stock = new Stock(world, types);
  const instances = new Instances(world, { stock, keys, scripts, volumes });
  const jobs = new JobDeployments(world, stock);
  const app = createVendorApp(world, verdaStyle(world, tokens), [
    { method: 'POST', path: '/v1/oauth2/token', public: true, handle: (call) => tokens.issue(call) },
    ...instanceRoutes(instances, volumes),
    ...volumeRoutes(volumes, instances),
    ...catalogRoutes(stock),
    ...clusterRoutes(world, volumes),
    ...deploymentRoutes(world),
    ...jobRoutes(jobs),
    ...secretRoutes(world),
    ...keys.routes(),
    ...scripts.routes(),
  ]);
  addInferenceHost(app, world, jobs, inferenceKey);
  return {
    app,
    credentials: () => ({
      VERDA_CLIENT_ID: credentials.clientId,
      VERDA_CLIENT_SECRET: credentials.clientSecret,
      VERDA_INFERENCE_KEY: inferenceKey,
    }),
    open: async () => {},
    applyFault: (rule) => instances.store.applyFault(rule),
    close: () => instances.store.close(),
  };
}

function verdaStyle(world: World, tokens: Tokens): VendorStyle {
  const limit = new RateLimit(world.clock);
  return {
    vendor: 'verda',
    media: 'application/json',
    readBody: async (request) =>
      withoutNulls(await readJsonBody(request, () => errorResponse('invalid_request', 'Unexpected token in JSON'))),
    authenticate: ({ headers }) => tokens.authenticate(headers),
    throttle: (call) => limit.count(call),
    invalid: (message) => errorAnswer('invalid_request', message),
    broken: () => errorAnswer('server_error', 'Internal server error'),
    rateLimited: tooMany,
    notFound: () => errorAnswer('not_found', 'Resource not found, or invalid path'),
  };
}

/** Removes nulls at any depth. The vendor's Python SDK sends null for omitted values, and the API accepts that. */
function withoutNulls(body: JsonRecord): Record<string, unknown> {
  const kept = Object.entries(body).filter(([, value]) => value !== null);
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutInnerNulls(value)]));
}

function withoutInnerNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutInnerNulls);
  return isRecord(value) ? withoutNulls(value) : value;
}
