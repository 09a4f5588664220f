import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { booleanOf, numberOf, recordOf } from '../record.ts';
import type { Handlers } from '../vendor-app.ts';
import { failure } from './errors.ts';
import { type Host, type Hosts, hostView } from './hosts.ts';

/** Creates the public handlers that list and show hosts. */
export function hostHandlers(hosts: Hosts): Handlers<OperationIds['tensordock']> {
  return {
    listHostnodes: ({ query }) => {
      const shown = hosts.all.filter((host) => fits(host, hosts.listedGpus(host), query));
      const hostnodes = Object.fromEntries(shown.map((host) => [host.id, hostView(host, hosts.listedGpus(host))]));
      return ok({ success: true, hostnodes });
    },
    getHostnode: ({ id }) => {
      const host = hosts.get(id);
      return host === undefined
        ? failure('Hostnode not found')
        : ok({ success: true, hostnode: hostView(host, host.free.gpus) });
    },
  };
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
