import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Offer, type OfferConstraints, rankOffers, type Vendor } from '@gpu-clouds/clouds/pure';
import {
  type InstanceJob,
  type LeaseOptions,
  type LeaseSummary,
  leaseId,
  leaseInstance,
  leaseSummary,
  offerConstraints,
  parseJob,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError } from '../cli-error.ts';
import { durationOption } from '../duration-option.ts';
import { dollars } from '../output/format.ts';
import { followLease } from '../output/lease-progress.ts';
import { fleetOf, masterSecret, namedFleet } from '../settings.ts';
import { removeEndedSshFiles, sshCommand } from '../ssh-files.ts';
import { noteMissingWorker, startSearchable, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';
import { checkCount, everyOffer } from './offers.ts';

export interface RentOptions {
  readonly name?: string | undefined;
  /** Time to live from the create call on, for example `2h`. */
  readonly ttl: string;
  /** Upper limit for extensions, for example `7d`. */
  readonly maxTtl: string;
  /** Maximum cost in US dollars. */
  readonly maxCost?: number | undefined;
  /** For example `H100` or `A100-80GB:4`. */
  readonly gpu?: readonly string[] | undefined;
  readonly count?: number | undefined;
  readonly vendor?: readonly Vendor[] | undefined;
  readonly region?: readonly string[] | undefined;
  /** Maximum price of the whole instance, in US dollars per hour. */
  readonly maxPrice?: number | undefined;
  readonly spot?: 'allow' | 'only' | 'never' | undefined;
  readonly image?: string | undefined;
  /** Minimum disk size in GiB. */
  readonly storage?: number | undefined;
  /** Return as soon as Temporal has accepted the lease. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Rents the cheapest matching instance, or finds the active lease of that name, and prints the command that logs in.
 * @returns 0, or 130 when interrupted while the instance starts
 * @throws {CliError} when no offer matches, or the name belongs to an ended lease
 */
export async function rent(file: string | undefined, options: RentOptions, terminal: Terminal): Promise<number> {
  const job = file === undefined ? undefined : await jobIn(file);
  for (const [name, text] of [
    ['--ttl', options.ttl],
    ['--max-ttl', options.maxTtl],
  ] as const) {
    durationOption(name, text);
  }
  checkCount(options.gpu ?? [job?.resources.gpu ?? []].flat(), options.count);
  // Fail before renting: without the master secret the instance cannot be logged in to.
  if (!options.detach) masterSecret(terminal);
  return withTemporal(terminal, async (client) => {
    await removeEndedSshFiles(client, terminal);
    const { name, id } = await leased(client, job, options, terminal);
    if (options.detach) {
      terminal.out(options.json ? JSON.stringify({ name, id }) : name);
      return 0;
    }
    const connection = await followLease(client, id, terminal);
    if (connection === undefined) {
      terminal.note(
        `${name} continues to start and to bill. To check on it, run "gpu-clouds lease show ${name}". To release it, run "gpu-clouds lease release ${name}".`,
      );
      return 130;
    }
    const ssh = await sshCommand(connection, terminal);
    if (options.json) terminal.out(JSON.stringify({ ...(await leaseSummary(client, id)), connection, ssh }));
    else {
      terminal.out(ssh);
      terminal.note(
        `To release it, run "gpu-clouds lease release ${name}". To keep it longer, run "gpu-clouds lease extend ${name} 1h".`,
      );
    }
    return 0;
  });
}

/** Returns the active lease of that name, or starts one. Repeating a command whose answer was lost must not rent a second instance. */
async function leased(
  client: Client,
  job: InstanceJob | undefined,
  options: RentOptions,
  terminal: Terminal,
): Promise<{ readonly name: string; readonly id: string }> {
  const known = options.name === undefined ? undefined : await found(client, options.name, terminal);
  if (known !== undefined) {
    terminal.note(`${known.name} already exists. No other instance is rented.`);
    return known;
  }
  await noteMissingWorker(client, terminal);
  const offer = await cheapest(job, options, terminal);
  const name =
    options.name ?? `${offer.gpu.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${randomBytes(3).toString('hex')}`;
  const lease = leaseOptions(name, offer, job, options, terminal);
  // Interrupted while offers were listed: rent nothing.
  terminal.signal.throwIfAborted();
  const { id } = await startSearchable(client, (searchable) => leaseInstance(client, { ...lease, searchable }));
  terminal.note(
    `${name}: ${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} (${offer.region}), ${dollars(offer.pricePerHour)}/hour, for ${options.ttl}  (Ctrl-C does not release it; to release it, run "gpu-clouds lease release ${name}")`,
  );
  return { name, id };
}

async function found(client: Client, name: string, terminal: Terminal): Promise<LeaseSummary | undefined> {
  const known = await leaseSummary(client, leaseId(name, await fleetOf(terminal, client)));
  if (known?.endedAt === undefined) return known;
  throw new CliError(
    `The lease "${name}" has ended (${known.message ?? known.state}). Lease names cannot be reused: choose another --name.`,
  );
}

async function cheapest(job: InstanceJob | undefined, options: RentOptions, terminal: Terminal): Promise<Offer> {
  const constraints = constraintsOf(job, options);
  const [offer] = rankOffers(await everyOffer(constraints.vendors, terminal), constraints);
  if (offer !== undefined) return offer;
  throw new CliError(
    'No offer matches. Run "gpu-clouds offers" to list offers, or relax --gpu, --count, --region, or --max-price.',
  );
}

function constraintsOf(job: InstanceJob | undefined, options: RentOptions): OfferConstraints {
  const { gpu, count, vendor, region, maxPrice, spot, storage } = options;
  return {
    gpuCount: 1,
    spot: 'never',
    ...(job === undefined ? {} : { ...offerConstraints(job), minAvailable: 1 }),
    ...(gpu === undefined ? {} : { gpu }),
    ...(count === undefined ? {} : { gpuCount: count }),
    ...(vendor === undefined ? {} : { vendors: vendor }),
    ...(region === undefined ? {} : { regions: region }),
    ...(maxPrice === undefined ? {} : { maxPricePerHour: maxPrice }),
    ...(spot === undefined ? {} : { spot }),
    ...(storage === undefined ? {} : { minStorage: storage }),
  };
}

function leaseOptions(
  name: string,
  offer: Offer,
  job: InstanceJob | undefined,
  options: RentOptions,
  terminal: Terminal,
): LeaseOptions {
  const maxCost = options.maxCost ?? job?.limits.maxCost;
  const image = options.image ?? job?.resources.image;
  const storage = options.storage ?? job?.resources.storage;
  return {
    name,
    offer,
    fleet: namedFleet(terminal),
    ttl: options.ttl,
    maxTtl: options.maxTtl,
    maxCost,
    image,
    storage,
  };
}

async function jobIn(file: string): Promise<InstanceJob> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`Cannot read the job file ${file} (${error.code}).`);
  });
  const job = parseJob(text, file);
  if (job.mode === 'instance') return job;
  throw new CliError(
    `The job in ${file} runs as a job deployment, which has no SSH access. Use --gpu to lease an instance instead.`,
  );
}
