import { type HttpHandler, HttpResponse, http } from 'msw';
import { documentOf } from './documents.ts';
import type { Simulators } from './simulators.ts';
import { vendors } from './vendor.ts';
import { offlineOrigin } from './vendor-app.ts';

/**
 * Creates MSW handlers that serve the simulators at the vendors' real base URLs, without a server. A connection that a fault
 * closes becomes a network error.
 */
export function simulatorHandlers(simulators: Simulators): HttpHandler[] {
  const hosts = vendors.map((vendor) => ({ vendor, origin: new URL(documentOf(vendor).baseUrl).origin }));
  return [...hosts, { vendor: vendors[0], origin: offlineOrigin }].map(({ vendor, origin }) =>
    http.all(`${origin}/*`, async ({ request }) => {
      try {
        return await simulators[vendor].fetch(request);
      } catch (error) {
        if (error instanceof TypeError) return HttpResponse.error();
        throw error;
      }
    }),
  );
}
