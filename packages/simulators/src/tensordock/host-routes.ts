import { booleanOf, numberOf, recordOf } from '../record.ts';
import type { Route } from '../vendor-app.ts';
import { failure } from './errors.ts';
import { type Host, type Hosts, hostView } from './hosts.ts';

/** Creates the public routes that list and show hosts. */
export function hostRoutes(hosts: Hosts): Route[] {
  const path = '/api/v0/client/deploy/hostnodes';
  return [
    {
      method: 'GET',
      path,
      public: true,
      handle: ({ query }) => {
        const shown = hosts.all.filter((host) => fits(host, hosts.listedGpus(host), query));
        return {
          status: 200,
          json: {
            success: true,
            hostnodes: Object.fromEntries(shown.map((host) => [host.id, hostView(host, hosts.listedGpus(host))])),
          },
        };
      },
    },
    {
      method: 'GET',
      path: `${path}/{}`,
      public: true,
      handle: ({ params }) => {
        const host = hosts.get(Object.values(params)[0] ?? '');
        return host === undefined
          ? failure('Hostnode not found')
          : { status: 200, json: { success: true, hostnode: hostView(host, host.free.gpus) } };
      },
    },
  ];
}

function fits(host: Host, gpus: Readonly<Record<string, number>>, query: URLSearchParams): boolean {
  const filters = recordOf(Object.fromEntries(query));
  const at = (name: string, otherwise: number) => numberOf(filters, name) ?? otherwise;
  const models = Object.entries(host.row.gpus).filter(
    ([, gpu]) =>
      gpu.vram >= at('minVRAM', 0) &&
      (gpu.rtx || !booleanOf(filters, 'requiresRTX')) &&
      (gpu.gtx || !booleanOf(filters, 'requiresGTX')),
  );
  const most = Math.max(0, ...models.map(([model]) => gpus[model] ?? 0));
  const { cpu, ram, storage } = host.free;
  return (
    models.length > 0 &&
    most >= at('minGPUCount', 0) &&
    most <= at('maxGPUCount', Number.POSITIVE_INFINITY) &&
    ram >= at('minRAM', 0) &&
    ram <= at('maxRAM', Number.POSITIVE_INFINITY) &&
    cpu >= at('minvCPUs', 0) &&
    storage >= at('minStorage', 0)
  );
}
