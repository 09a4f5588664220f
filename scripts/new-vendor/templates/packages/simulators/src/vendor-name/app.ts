import { type Answer, ErrorResponse } from '../answer.ts';
import { InstanceStore } from '../instance-store.ts';
import { readJsonBody } from '../json-body.ts';
import type { OperationIds } from '../operation-ids.ts';
import { createVendorApp, type Handlers, type VendorStyle } from '../vendor-app.ts';
import type { VendorParts } from '../vendor-parts.ts';
import type { World } from '../world.ts';

/** Creates the VendorName simulator. An operation without a handler responds with the document's example. */
export function createVendorNameSimulator(shared: World): VendorParts {
  const world: World = { ...shared, random: shared.random.fork('vendor-name') };
  const key = `sim:${world.random.hex(24)}`;
  const store = new InstanceStore<undefined>(world, 'vendor-name');
  const handlers: Handlers<OperationIds['vendor-name']> = {};
  const app = createVendorApp(world, style(key), handlers);
  return { app, store, credentials: () => ({ VENDOR_NAME_API_KEY: key }) };
}

function style(key: string): VendorStyle {
  const accepted = [key, `Bearer ${key}`, `Basic ${btoa(key)}`];
  return {
    vendor: 'vendor-name',
    media: 'application/json',
    readBody: (request) => readJsonBody(request, () => new ErrorResponse(error(400, 'The body is not JSON'))),
    authenticate: ({ headers, query }) => {
      const sent = [...headers.values(), ...query.values()];
      if (!sent.some((value) => accepted.includes(value))) throw new ErrorResponse(error(401, 'Unauthorized'));
    },
    invalid: (message) => error(400, message),
    broken: () => error(500, 'Internal Server Error'),
    rateLimited: () => error(429, 'Too Many Requests'),
    notFound: () => error(404, 'Not Found'),
  };
}

/** Replace by the vendor's own form of errors. */
const error = (status: number, message: string): Answer => ({ status, json: { message } });
