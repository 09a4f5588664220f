import type { components } from '@gpu-clouds/tensordock';
import type { Offer } from '../cloud.ts';
import { normalizeGpu } from '../gpu-names.ts';
import { readableOffers } from '../readable-rows.ts';
import { growth, machineSize, pricePerHour } from './machine-size.ts';

type Hostnode = components['schemas']['Hostnode'];

const gpuCounts = [1, 2, 4, 8];

/** Instances that could be put together on the hostnodes, by uuid. */
export function tensorDockOffers(hostnodes: Readonly<Record<string, Hostnode>>): readonly Offer[] {
  return readableOffers(Object.entries(hostnodes), ([uuid, hostnode]) => {
    const { status, networking, specs } = hostnode;
    // Without a free port there is no SSH.
    if (!status.online || !status.listed || status.reserved || networking.ports.length === 0) return [];
    return Object.entries(specs.gpu).flatMap(([model, { amount, vram }]) =>
      gpuCounts
        .filter((count) => count <= amount)
        .flatMap((count) => offerOf({ uuid, hostnode, model, vram, count, available: Math.floor(amount / count) })),
    );
  });
}

interface Candidate {
  readonly uuid: string;
  readonly hostnode: Hostnode;
  readonly model: string;
  readonly vram: number;
  readonly count: number;
  readonly available: number;
}

function offerOf({ uuid, hostnode, model, vram, count, available }: Candidate): readonly Offer[] {
  const size = machineSize(hostnode, count);
  if (size === undefined) return [];
  const { gpu, memory } = normalizeGpu(model, { memory: vram });
  const { country, region, city } = hostnode.location;
  return [
    {
      vendor: 'tensordock',
      id: `${uuid}/${model}/${count}`,
      gpu,
      gpuCount: count,
      gpuMemory: memory,
      vcpus: size.vcpus,
      memory: size.ram,
      storage: size.storage,
      growth: growth(hostnode, count),
      region: [country, region, city].filter(Boolean).join(', '),
      pricePerHour: pricePerHour(hostnode, { model, count }, size),
      spot: false,
      available,
      native: { hostnode: uuid, gpuModel: model },
    },
  ];
}
