import type { Offer, Vendor } from './cloud.ts';
import { gpuMatches } from './gpu-names.ts';
import { parseGpu } from './parse-gpu.ts';
import { isGrowth, positive } from './price-per-hour.ts';

/** What an offer must have. What is omitted does not matter. */
export interface OfferAlternative {
  /**
   * One GPU or several to choose from, as `parseGpu` reads them: `H100` (any form of it), `H100 SXM`, `A100 80GB`, `4090`. Each can have its
   * own count: `H100:8`.
   */
  readonly gpu?: string | readonly string[] | undefined;
  /** Exact number of GPUs in the instance, for entries of `gpu` without a count. */
  readonly gpuCount?: number | undefined;
  /** Minimum memory of one GPU in GiB. */
  readonly minGpuMemory?: number | undefined;
  /** Minimum main memory in GiB. Where the order decides the size, here as below, the ranked offer has this size and its price. */
  readonly minMemory?: number | undefined;
  /** Minimum number of virtual CPUs of the whole instance. */
  readonly minVcpus?: number | undefined;
  /** Regions or prefixes of them, in any case: `FIN` accepts `FIN-01`. */
  readonly regions?: readonly string[] | undefined;
  /** Vendors to choose from. Default: all. */
  readonly vendors?: readonly Vendor[] | undefined;
  /** Vendors to leave out. Default: none. */
  readonly notVendors?: readonly Vendor[] | undefined;
  /** Whether to accept instances that the vendor may take back. Default: `allow`. */
  readonly spot?: 'only' | 'never' | 'allow' | undefined;
  /** Maximum price of the whole instance, in US dollars per hour. */
  readonly maxPricePerHour?: number | undefined;
}

/** What an offer must have, and which one is preferred. */
export interface OfferConstraints extends OfferAlternative {
  /** Alternatives. What one of them omits is taken from these constraints. */
  readonly anyOf?: readonly OfferAlternative[] | undefined;
  /** Whether offers of an earlier alternative come first, or cheaper offers of any. Default: `order`. */
  readonly prefer?: 'order' | 'price' | undefined;
  /** Minimum size of the disk in GiB. */
  readonly minStorage?: number | undefined;
  /** Minimum number of instances that are left, if the vendor says how many are. Default: 1. */
  readonly minAvailable?: number | undefined;
}

/**
 * Returns the offers that meet the constraints, cheapest first within each alternative; offers of equal price by vendor, then by id. Pure and
 * deterministic, so that a workflow can call it. An offer that does not say how much memory, vCPUs, or disk it has does not meet a minimum.
 * An offer whose price is not a positive number, such as null in JSON, is left out.
 * @throws {GpuNameError} `gpu` does not name a known GPU.
 */
export function rankOffers(offers: readonly Offer[], constraints: OfferConstraints = {}): readonly Offer[] {
  const ranked = alternatives(constraints).flatMap((one) => rankFor(offers, one));
  const seen = new Set<string>();
  const unique = ranked.filter((offer) => seen.size < seen.add(keyOf(offer)).size);
  return constraints.prefer === 'price' ? unique.toSorted(byPrice) : unique;
}

/** Returns the maximum price per hour that the constraints allow for an offer, or undefined if there is no limit. */
export function maxPriceFor(offer: Offer, constraints: OfferConstraints): number | undefined {
  const met = alternatives(constraints).filter((one) => rankFor([offer], one).length > 0);
  const limits = (met.length === 0 ? [constraints] : met).map(
    ({ maxPricePerHour = Number.POSITIVE_INFINITY }) => maxPricePerHour,
  );
  const limit = Math.max(...limits);
  return Number.isFinite(limit) ? limit : undefined;
}

/** Returns constraints without alternatives: one for each alternative. */
export function alternatives({ anyOf = [{}], ...common }: OfferConstraints): readonly OfferConstraints[] {
  return anyOf.map((one) => {
    const defined = Object.entries(one).filter(([, value]) => value !== undefined);
    return { ...common, ...Object.fromEntries(defined) };
  });
}

function rankFor(offers: readonly Offer[], constraints: OfferConstraints): readonly Offer[] {
  const hasGpu = gpuFilter(constraints);
  return offers
    .flatMap((offer) => grown(offer, constraints))
    .filter((offer) => hasGpu(offer) && meets(offer, constraints))
    .sort(byPrice);
}

function byPrice(a: Offer, b: Offer): number {
  return a.pricePerHour - b.pricePerHour || compareText(a.vendor, b.vendor) || compareText(a.id, b.id);
}

function keyOf({ vendor, id, region, spot, gpuCount }: Offer): string {
  return JSON.stringify([vendor, id, region, spot, gpuCount]);
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
  const { regions, vendors, notVendors = [], spot = 'allow', maxPricePerHour, minAvailable = 1 } = constraints;
  return (
    positive(offer.pricePerHour) !== undefined &&
    (offer.available === undefined || offer.available >= minAvailable) &&
    atLeast(offer.gpuMemory, constraints.minGpuMemory) &&
    (regions === undefined || regions.some((region) => inRegion(offer.region, region))) &&
    (vendors === undefined || vendors.includes(offer.vendor)) &&
    !notVendors.includes(offer.vendor) &&
    (spot === 'allow' || offer.spot === (spot === 'only')) &&
    (maxPricePerHour === undefined || offer.pricePerHour <= maxPricePerHour)
  );
}

/** Returns the offer with everything at its minimum size or larger, at its price; nothing if it cannot be that large. */
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
    if (growth === undefined || !isGrowth(growth) || size > growth.max) return [];
    const added = (size - (offer[part] ?? 0)) * growth.pricePerHour;
    fitting = { ...fitting, [part]: size, pricePerHour: fitting.pricePerHour + added };
  }
  return [fitting];
}

/**
 * Returns the price in US dollars per hour of an instance of the offer with a disk of this many GiB, as far as the offer has a price for disks.
 * @param storage Default, and minimum: the size that the offer includes.
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

/** @param region Undefined or null in a list from elsewhere, such as JSON. It must not hide the other offers. */
function inRegion(region: string | undefined | null, wanted: string): boolean {
  const [has, prefix] = [(region ?? '').toLowerCase(), wanted.toLowerCase()];
  return has.startsWith(prefix) && !/^[a-z0-9]/.test(has.slice(prefix.length));
}

/** Compares by code units and not by locale, which differs between workers. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
