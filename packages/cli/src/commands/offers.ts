import { CloudError, countConflict, type Offer, rankOffers, type Vendor } from '@gpu-clouds/clouds/pure';
import { CliError } from '../cli-error.ts';
import { configuredClouds } from '../clouds.ts';
import { dollars } from '../output/format.ts';
import { table } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';

export interface OffersOptions {
  readonly gpu?: readonly string[] | undefined;
  readonly count?: number | undefined;
  readonly vendor?: readonly Vendor[] | undefined;
  readonly maxPrice?: number | undefined;
  readonly spot?: 'allow' | 'only' | 'never' | undefined;
  readonly limit?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Prints the offers that can be rented now, cheapest first. Skips a cloud whose request fails, with a note.
 * @throws {CliError} when every cloud fails
 */
export async function offers(options: OffersOptions, terminal: Terminal): Promise<readonly Offer[]> {
  checkCount(options.gpu, options.count);
  const all = await everyOffer(options.vendor, terminal);
  const ranked = rankOffers(all, {
    gpu: options.gpu,
    gpuCount: options.count,
    maxPricePerHour: options.maxPrice,
    spot: options.spot,
  });
  const shown = ranked.slice(0, options.limit);
  if (options.json) terminal.out(JSON.stringify(shown));
  else if (ranked.length === 0) terminal.note('No offer matches. Relax --gpu, --count, --max-price, or --spot.');
  else terminal.out(offersTable(shown));
  if (shown.length < ranked.length)
    terminal.note(`${ranked.length - shown.length} more offers match. Raise --limit ${options.limit} to list them.`);
  return shown;
}

/** Formats offers as the table that `gpu-clouds offers` prints. Keeps their order. */
export function offersTable(ranked: readonly Offer[]): string {
  return table(ranked, [
    { title: '$/HOUR', value: (offer) => dollars(offer.pricePerHour), align: 'right' },
    { title: 'CLOUD', value: (offer) => offer.vendor },
    { title: 'GPU', value: (offer) => `${offer.gpuCount}x ${offer.gpu}` },
    { title: 'GPU GB', value: (offer) => String(offer.gpuMemory), align: 'right' },
    { title: 'VCPU', value: (offer) => String(offer.vcpus ?? ''), align: 'right' },
    { title: 'RAM GB', value: (offer) => String(offer.memory ?? ''), align: 'right' },
    { title: 'REGION', value: (offer) => offer.region },
    { title: 'BILLING', value: (offer) => (offer.spot ? 'spot' : 'on demand') },
    { title: 'LEFT', value: (offer) => String(offer.available ?? ''), align: 'right' },
  ]);
}

/** @throws {CliError} when `--count` contradicts a count in `--gpu` or in the job file */
export function checkCount(gpus: readonly string[] = [], count: number | undefined): void {
  const conflict = count === undefined ? undefined : countConflict(gpus, count);
  if (conflict !== undefined) throw new CliError(`--count: ${conflict}.`);
}

/**
 * Lists the offers of all configured clouds. Notes the error of each cloud that fails.
 * @throws {CliError} when every cloud fails
 */
export async function everyOffer(only: readonly Vendor[] | undefined, terminal: Terminal): Promise<readonly Offer[]> {
  const clouds = configuredClouds(terminal, only === undefined ? {} : { vendors: only });
  const answers = await Promise.allSettled(
    [...clouds.values()].map((cloud) => cloud.listOffers({ signal: terminal.signal })),
  );
  terminal.signal.throwIfAborted();
  const broken = answers.flatMap((answer) => (answer.status === 'rejected' ? [describe(answer.reason)] : []));
  for (const reason of broken) terminal.note(reason);
  if (broken.length === clouds.size) throw new CliError('No cloud returned offers. See the errors above.');
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

function describe(reason: unknown): string {
  if (CloudError.isInstance(reason)) return reason.message;
  throw reason;
}
