import { type Offer, type OfferConstraints, rankOffers, type Vendor } from '@gpu-clouds/clouds/pure';
import { exitCodes } from '../cli-error.ts';
import { listOffers } from '../list-offers.ts';
import { dollars } from '../output/format.ts';
import { offersTable } from '../output/offers-table.ts';
import type { Terminal } from '../terminal.ts';

/** The options of `offers`, `run`, and `up` that select offers. */
export interface OfferFilters {
  /** For example `H100` or `A100-80GB:4`. */
  readonly gpu?: readonly string[] | undefined;
  /** Minimum GiB of one GPU. */
  readonly memory?: number | undefined;
  readonly region?: readonly string[] | undefined;
  readonly vendor?: readonly Vendor[] | undefined;
  readonly spot?: 'allow' | 'only' | 'never' | undefined;
  /** Maximum price of the whole instance, in US dollars per hour. */
  readonly maxPrice?: number | undefined;
}

export interface OffersOptions extends OfferFilters {
  readonly limit?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Prints the offers that can be rented now, cheapest first. Leaves out a cloud that fails or is slow, with a note.
 * @returns 5 when no offer matches, else 0
 * @throws {CliError} when every cloud fails
 */
export async function offers(options: OffersOptions, terminal: Terminal): Promise<number> {
  const constraints = constraintsOf(options);
  const all = await listOffers(options.vendor, terminal);
  const ranked = rankOffers(all, constraints);
  const shown = ranked.slice(0, options.limit);
  if (options.json) terminal.out(JSON.stringify(shown));
  else if (shown.length > 0) terminal.out(offersTable(shown, terminal));
  if (ranked.length === 0) {
    terminal.note(`gpu-clouds: ${whyNone(all, constraints)}`);
    return exitCodes.noOffer;
  }
  const more = ranked.length - shown.length;
  if (more > 0) terminal.note(`${moreMatch(more)} Raise --limit ${options.limit} to list more.`);
  return exitCodes.success;
}

export function moreMatch(offers: number): string {
  return offers === 1 ? '1 more offer matches.' : `${offers} more offers match.`;
}

export function constraintsOf({ gpu, memory, region, vendor, spot, maxPrice }: OfferFilters): OfferConstraints {
  return {
    gpu,
    spot,
    minGpuMemory: memory,
    regions: region,
    vendors: vendor,
    maxPricePerHour: maxPrice,
  };
}

/** Says which filter leaves nothing, and what there is without it. */
export function whyNone(all: readonly Offer[], constraints: OfferConstraints): string {
  const without = (left: Partial<OfferConstraints>) => rankOffers(all, { ...constraints, ...left });
  const hints = [
    [
      '--max-price',
      without({ maxPricePerHour: undefined }),
      (offers) => `the cheapest costs ${dollars(offers[0]?.pricePerHour ?? 0)} an hour`,
    ],
    [
      '--region',
      without({ regions: undefined }),
      (offers) => `there are offers in ${listed(offers.map(({ region }) => region))}`,
    ],
    [
      '--vendor',
      without({ vendors: undefined }),
      (offers) => `there are offers at ${listed(offers.map(({ vendor }) => vendor))}`,
    ],
    [
      '--spot',
      without({ spot: 'allow' }),
      (offers) => `there are offers with --spot ${offers[0]?.spot ? 'only' : 'never'}`,
    ],
    [
      '--memory',
      without({ minGpuMemory: undefined }),
      (offers) => `the largest GPU has ${Math.max(...offers.map(({ gpuMemory }) => gpuMemory))} GiB`,
    ],
    [
      '--gpu',
      without({ gpu: undefined, gpuCount: undefined }),
      (offers) => `now there are ${listed(offers.map(({ gpu, gpuCount }) => `${gpu}:${gpuCount}`))}`,
    ],
  ] satisfies readonly (readonly [string, readonly Offer[], (offers: readonly Offer[]) => string])[];
  const [found] = hints.filter(([, offers]) => offers.length > 0);
  if (found === undefined) return 'No offer matches. Relax the filters, or try again later.';
  const [option, left, say] = found;
  return `No offer matches. Without ${option}, ${say(left)}.`;
}

function listed(values: readonly string[]): string {
  const unique = [...new Set(values)];
  const shown = unique.slice(0, 6).join('; ');
  return unique.length > 6 ? `${shown}; and ${unique.length - 6} more` : shown;
}
