import { type CatalogOverrides, overridden } from '../catalog.ts';
import { readJsonBody } from '../json-body.ts';
import { createVendorApp, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';
import { accountRoutes } from './account-routes.ts';
import { products } from './catalog.ts';
import { errorAnswer, errorResponse } from './errors.ts';
import { Instances } from './instances.ts';
import { Keys } from './keys.ts';
import { Stock } from './stock.ts';

/** Creates the Massed Compute simulator. */
export function createMassedComputeSimulator(shared: World, overrides: CatalogOverrides): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('massed-compute') };
  const token = `sim-massed-${world.random.hex(24)}`;
  const stock = new Stock(
    overridden('massed-compute', products, overrides, (product, { pricePerHour, available }) => ({
      ...product,
      cents: pricePerHour === undefined ? product.cents : Math.round(pricePerHour * 100),
      stock:
        available === undefined
          ? product.stock
          : Object.fromEntries(Object.keys(product.stock).map((name) => [name, available])),
    })),
  );
  const keys = new Keys(world);
  const instances = new Instances(world, stock, keys);
  const app = createVendorApp(world, massedStyle(token), [
    ...instances.routes(),
    ...keys.routes(),
    ...accountRoutes(stock),
  ]);
  return {
    app,
    credentials: () => ({ MASSED_COMPUTE_TOKEN: token }),
    open: async () => {},
    applyFault: (rule) => instances.store.applyFault(rule),
    close: () => instances.store.close(),
  };
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
    rateLimited: (seconds) => ({
      ...errorAnswer(429, 'Too Many Requests'),
      headers: { 'retry-after': String(seconds) },
    }),
    notFound: () => errorAnswer(404, 'Not Found'),
  };
}
