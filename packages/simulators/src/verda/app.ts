import { ok } from '../answer.ts';
import { type CatalogOverrides, stockOf } from '../catalog.ts';
import { readJsonBody } from '../json-body.ts';
import { KeyStore } from '../key-store.ts';
import { isRecord, type JsonRecord } from '../record.ts';
import { createVendorApp, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { balanceOf } from './account.ts';
import { isInference } from './additions.ts';
import { instanceTypes } from './catalog.ts';
import { catalogHandlers } from './catalog-handlers.ts';
import { Clusters } from './clusters.ts';
import { ContainerDeployments } from './deployments.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import { inferenceHandlers } from './inference.ts';
import { instanceHandlers } from './instance-handlers.ts';
import { Instances } from './instances.ts';
import { JobDeployments } from './jobs.ts';
import { keyHandlers } from './keys.ts';
import { RateLimit, tooMany } from './rate-limit.ts';
import { Scripts } from './scripts.ts';
import { secretHandlers } from './secrets.ts';
import { secretsIn } from './serverless.ts';
import { Tags } from './tags.ts';
import { Tokens } from './tokens.ts';
import { volumeHandlers } from './volume-handlers.ts';
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
  const keys = new KeyStore(world, 'verda');
  const scripts = new Scripts(world);
  const volumes = new VolumeStore(world);
  const stock = stockOf('verda', instanceTypes, overrides);
  const tags = new Tags(world);
  const instances = new Instances(world, { stock, keys, scripts, volumes }, tags);
  const clusters = new Clusters(world, volumes, tags);
  const deployments = new ContainerDeployments(world, stock);
  const jobs = new JobDeployments(world, stock);
  const app = createVendorApp(world, verdaStyle(world, tokens, inferenceKey), {
    getAccessToken: (call) => tokens.issue(call),
    getBalance: () => ok({ amount: Number(balanceOf(world).toFixed(2)), currency: 'usd' }),
    ...instanceHandlers(instances, volumes, tags),
    ...volumeHandlers(volumes, instances, tags),
    ...catalogHandlers(stock),
    ...clusters.handlers(),
    ...deployments.handlers(),
    ...jobs.handlers(),
    ...inferenceHandlers(jobs),
    ...secretHandlers(world, () => [...deployments.all(), ...jobs.all()].flatMap(secretsIn)),
    ...keyHandlers(world, keys),
    ...scripts.handlers(),
    ...tags.handlers({
      instance: (id) => instances.required(id),
      volume: (id) => volumes.required(id),
      cluster: (id) => clusters.required(id),
    }),
  });
  return {
    app,
    store: instances.store,
    ownAddresses: true,
    credentials: () => ({
      VERDA_CLIENT_ID: credentials.clientId,
      VERDA_CLIENT_SECRET: credentials.clientSecret,
      VERDA_INFERENCE_KEY: inferenceKey,
    }),
  };
}

function verdaStyle(world: World, tokens: Tokens, inferenceKey: string): VendorStyle {
  const limit = new RateLimit(world.clock);
  return {
    vendor: 'verda',
    media: 'application/json',
    readBody: async (request) => withoutNulls(await readBody(request)),
    authenticate: ({ operation, id, headers }) => {
      if (!isInference(operation)) return tokens.authenticate(headers);
      // The path of any job matches an unknown path of the API, too.
      if (id === 'v1') throw errorResponse('not_found', notFound);
      if (headers.get('authorization') !== `Bearer ${inferenceKey}`)
        throw errorResponse('unauthorized_request', 'Invalid inference key');
    },
    throttle: (call) => (isInference(call.operation) ? {} : limit.count(call)),
    invalid: (message) => errorAnswer('invalid_request', message),
    broken: () => errorAnswer('server_error', 'Internal server error'),
    rateLimited: tooMany,
    notFound: () => errorAnswer('not_found', notFound),
  };
}

const notFound = 'Resource not found, or invalid path';

/** Reads JSON, or a form, which OAuth clients send to the token endpoint (RFC 6749). */
async function readBody(request: Request): Promise<JsonRecord> {
  if (request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(await request.text()));
  return readJsonBody(request, () => errorResponse('invalid_request', 'Unexpected token in JSON'));
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
