import type { Offer, Vendor } from './cloud.ts';
import { gpuMatches } from './gpu-names.ts';
import { parseGpu } from './parse-gpu.ts';

/** What an offer has to have. Everything left out does not matter. */
export interface OfferConstraints {
  /**
   * One GPU or several to choose from, as `parseGpu` reads them: `H100` (any form of it), `H100 SXM`, `A100 80GB`, `4090`. Each may carry
   * its own number of GPUs: `H100:8`, `8x H100`.
   */
  readonly gpu?: string | readonly string[] | undefined;
  /** GPUs in the instance, exactly, where `gpu` does not carry a number of its own. */
  readonly gpuCount?: number | undefined;
  /** GiB of one GPU. */
  readonly minGpuMemory?: number | undefined;
  /** GiB of main memory. Where it is up to the order, here as below, the ranked offer has this much, and its price. */
  readonly minMemory?: number | undefined;
  /** Virtual CPUs of the whole instance. */
  readonly minVcpus?: number | undefined;
  /** GiB of disk. */
  readonly minStorage?: number | undefined;
  /** Names of regions, or what they start with: `FIN` takes `FIN-01`. Letters' case does not matter. */
  readonly regions?: readonly string[] | undefined;
  /** Only these clouds; all when left out. */
  readonly vendors?: readonly Vendor[] | undefined;
  /** Instances that the vendor may take back; `allow` when left out. */
  readonly spot?: 'only' | 'never' | 'allow' | undefined;
  /** Instances of the kind that are left, where the vendor says how many are. Default 1. */
  readonly minAvailable?: number | undefined;
  /** US dollars an hour for the whole instance. */
  readonly maxPricePerHour?: number | undefined;
}

/**
 * The offers that meet the constraints, cheapest first; equal prices by vendor, then by id. Pure and deterministic, so that a
 * workflow can call it. An offer that does not say what is asked about (memory, vCPUs, disk) does not meet it.
 * @throws GpuNameError when `gpu` does not name known GPUs
 */
export function rankOffers(offers: readonly Offer[], constraints: OfferConstraints = {}): readonly Offer[] {
  const hasGpu = gpuFilter(constraints);
  return offers
    .flatMap((offer) => grown(offer, constraints))
    .filter((offer) => hasGpu(offer) && meets(offer, constraints))
    .sort((a, b) => a.pricePerHour - b.pricePerHour || compareText(a.vendor, b.vendor) || compareText(a.id, b.id));
}

/** @throws GpuNameError */
function gpuFilter({ gpu, gpuCount }: OfferConstraints): (offer: Offer) => boolean {
  if (gpu === undefined) return (offer) => gpuCount === undefined || offer.gpuCount === gpuCount;
  const wanted = [gpu].flat().map((text) => {
    const { count = gpuCount, ...named } = parseGpu(text);
    return { ...named, count };
  });
  return (offer) => wanted.some((one) => gpuMatches(offer, one));
}

function meets(offer: Offer, constraints: OfferConstraints): boolean {
  const { regions, vendors, spot = 'allow', maxPricePerHour, minAvailable = 1 } = constraints;
  return (
    (offer.available === undefined || offer.available >= minAvailable) &&
    atLeast(offer.gpuMemory, constraints.minGpuMemory) &&
    (regions === undefined || regions.some((region) => inRegion(offer.region, region))) &&
    (vendors === undefined || vendors.includes(offer.vendor)) &&
    (spot === 'allow' || offer.spot === (spot === 'only')) &&
    (maxPricePerHour === undefined || offer.pricePerHour <= maxPricePerHour)
  );
}

/** The offer with as much of everything as is asked for, at its price; nothing when it cannot have that much. */
function grown(offer: Offer, { minVcpus, minMemory, minStorage }: OfferConstraints): readonly Offer[] {
  let fitting = offer;
  for (const [part, least] of [
    ['vcpus', minVcpus],
    ['memory', minMemory],
    ['storage', minStorage],
  ] as const) {
    if (atLeast(offer[part], least)) continue;
    const growth = offer.growth?.[part];
    const size = Math.ceil(least ?? 0);
    if (growth === undefined || size > growth.max) return [];
    const added = (size - (offer[part] ?? 0)) * growth.pricePerHour;
    fitting = { ...fitting, [part]: size, pricePerHour: fitting.pricePerHour + added };
  }
  return [fitting];
}

/**
 * US dollars per hour of an instance of the offer with a disk of that many GiB, as far as the offer says what more disk costs.
 * @param storage The offer's own size when left out or smaller.
 */
export function orderedPricePerHour(
  { pricePerHour, storage: included = 0, growth }: Offer,
  storage = included,
): number {
  return pricePerHour + Math.max(0, storage - included) * (growth?.storage?.pricePerHour ?? 0);
}

function atLeast(value: number | undefined, least: number | undefined): boolean {
  return least === undefined || (value !== undefined && value >= least);
}

function inRegion(region: string, wanted: string): boolean {
  const [has, prefix] = [region.toLowerCase(), wanted.toLowerCase()];
  return has.startsWith(prefix) && !/^[a-z0-9]/.test(has.slice(prefix.length));
}

/** By code units and not by locale, which differs between workers. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
