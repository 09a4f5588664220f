import type { components } from '@gpu-clouds/tensordock';
import type { Offer } from '../cloud.ts';
import { isPartPrice } from '../price-per-hour.ts';

type Hostnode = components['schemas']['Hostnode'];

/** What an instance is made of, apart from its GPUs. GB, which this vendor counts in, taken as GiB. */
export interface MachineSize {
  readonly vcpus: number;
  readonly ram: number;
  readonly storage: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** The vendor rents parts; this is what a GPU usually comes with elsewhere. */
const usual = { vcpusPerGpu: 8, ramPerGpu: 32, storage: 100 };
/** Below this a GPU is of no use. */
const least = { vcpusPerGpu: 2, ramPerGpu: 8, storage: 30 };

/**
 * The instance to offer around so many GPUs of a hostnode: the usual one, or what is left of the hostnode down to a bare
 * minimum; undefined when there is less, or when the hostnode's own limits allow nothing of the kind.
 */
export function machineSize({ specs }: Hostnode, gpuCount: number): MachineSize | undefined {
  const limits = specs.restrictions?.[gpuCount];
  const vcpus = within(usual.vcpusPerGpu * gpuCount, least.vcpusPerGpu * gpuCount, specs.cpu.amount, limits?.cpu);
  const ram = within(usual.ramPerGpu * gpuCount, least.ramPerGpu * gpuCount, specs.ram.amount, limits?.ram);
  const storage = within(usual.storage, least.storage, specs.storage.amount, limits?.storage);
  if (vcpus === undefined || ram === undefined || storage === undefined) return undefined;
  return { vcpus, ram, storage };
}

/** What more an instance with so many GPUs can have. The hostnode's limit of RAM per GPU is not known until it refuses. */
export function growth({ specs }: Hostnode, gpuCount: number): NonNullable<Offer['growth']> {
  const limits = specs.restrictions?.[gpuCount];
  const upTo = ({ amount, price }: { amount: number; price: number }, range: Range | undefined) => ({
    max: Math.floor(Math.min(amount, range?.max ?? Number.POSITIVE_INFINITY)),
    pricePerHour: price,
  });
  return {
    vcpus: upTo(specs.cpu, limits?.cpu),
    memory: upTo(specs.ram, limits?.ram),
    storage: upTo(specs.storage, limits?.storage),
  };
}

/**
 * US dollars an hour of an instance, or NaN if a part has no price. Each part is rounded to a tenth of a cent, as the vendor's dashboard
 * does (dashboard-frontend-template, deploy.ts).
 */
export function pricePerHour({ specs }: Hostnode, gpu: { model: string; count: number }, size: MachineSize): number {
  const parts = [
    [specs.gpu[gpu.model]?.price, gpu.count],
    [specs.cpu.price, size.vcpus],
    [specs.ram.price, size.ram],
    [specs.storage.price, size.storage],
  ] as const;
  const mills = parts.reduce(
    (sum, [price, amount]) => sum + (isPartPrice(price) ? Math.round(price * amount * 1_000) : Number.NaN),
    0,
  );
  return mills / 1_000;
}

/** What is wanted, brought within the limits and the stock; undefined when less than `least` is left. */
function within(wanted: number, least: number, stock: number, limits: Range | undefined): number | undefined {
  const most = Math.floor(Math.min(stock, limits?.max ?? Number.POSITIVE_INFINITY));
  const fitting = Math.min(Math.max(wanted, Math.ceil(limits?.min ?? 0)), most);
  return fitting >= Math.max(least, limits?.min ?? 0) ? fitting : undefined;
}
