import { type CatalogOverrides, stockOf } from '../catalog.ts';
import { readJsonBody } from '../json-body.ts';
import { KeyStore } from '../key-store.ts';
import { createVendorApp, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { accountHandlers } from './account-handlers.ts';
import { products } from './catalog.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import { Instances } from './instances.ts';
import { keyHandlers } from './keys.ts';
import { recipeHandlers } from './recipes.ts';

/** Creates the Massed Compute simulator. */
export function createMassedComputeSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('massed-compute') };
  const token = `sim-massed-${world.random.hex(24)}`;
  const stock = stockOf('massed-compute', products, overrides);
  const keys = new KeyStore(world, 'massed-compute');
  const instances = new Instances(world, stock, keys);
  const app = createVendorApp(world, massedStyle(token), {
    ...instances.handlers(),
    ...keyHandlers(world, keys),
    ...accountHandlers(stock),
    ...recipeHandlers(),
  });
  return { app, store: instances.store, credentials: () => ({ MASSED_COMPUTE_TOKEN: token }), ownAddresses: true };
}

function massedStyle(token: string): VendorStyle {
  return {
    vendor: 'massed-compute',
    media: 'application/json',
    readBody: (request) => readJsonBody(request, () => errorResponse(422, 'The body is not JSON')),
    authenticate: ({ headers }) => {
      if (headers.get('authorization') !== `Bearer ${token}`) throw errorResponse(401, 'Invalid Token');
    },
    invalid: (message) => errorAnswer(422, message),
    broken: () => errorAnswer(500, 'Internal Server Error'),
    rateLimited: () => errorAnswer(429, 'Too Many Requests'),
    notFound: () => errorAnswer(404, 'Not Found'),
  };
}
