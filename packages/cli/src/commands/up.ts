import { randomBytes } from 'node:crypto';
import { type Offer, orderedPricePerHour, rankOffers } from '@gpu-clouds/clouds/pure';
import {
  durationSeconds,
  type FailurePolicy,
  failurePolicies,
  type InstanceEnd,
  leaseHandle,
  leaseInstance,
  leaseSummary,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError, exitCodes } from '../cli-error.ts';
import { type Attempt, latestAttempt, startAttempt } from '../leases.ts';
import { listOffers } from '../list-offers.ts';
import { dollars } from '../output/format.ts';
import { followLease } from '../output/lease-progress.ts';
import { offersTable } from '../output/offers-table.ts';
import { mayStart } from '../plan.ts';
import { masterSecret, namedFleet } from '../settings.ts';
import { removeEndedSshFiles, sshCommand, writeSshFiles } from '../ssh-files.ts';
import { startSearchable } from '../start-searchable.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';
import { constraintsOf, type OfferFilters, whyNone } from './offers.ts';

export interface UpOptions extends OfferFilters {
  readonly name?: string | undefined;
  /** Time to live from the create call on, for example `2h`. */
  readonly ttl: string;
  /** Upper limit for extensions, for example `7d`. Default: `24h`, or `ttl` if that is longer. */
  readonly maxTtl?: string | undefined;
  /** Time without use after which the instance is released, for example `30m`. */
  readonly idle?: string | undefined;
  /** Maximum cost in US dollars. */
  readonly maxCost?: number | undefined;
  readonly image?: string | undefined;
  /** Minimum disk size in GiB. */
  readonly storage?: number | undefined;
  /** Return as soon as Temporal has accepted the lease. */
  readonly detach?: boolean | undefined;
  /** Do not ask before spending. */
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** A lease that was started or found. */
interface Started {
  readonly name: string;
  readonly id: string;
}

/**
 * Rents the cheapest matching instance that works, or finds the active lease of that name, and prints the command that logs in.
 * @returns 0, or 130 when interrupted while the instance starts, or when the person does not want to spend
 * @throws {CliError} when no offer matches, all offers fail, the name belongs to an ended lease, or the TTL is beyond its maximum
 */
export async function up(options: UpOptions, terminal: Terminal): Promise<number> {
  checkTtl(options);
  // Fail before renting: without the master secret the instance cannot be logged in to.
  if (!options.detach) masterSecret(terminal);
  return withTemporal(terminal, async (client) => {
    await removeEndedSshFiles(client, terminal);
    const known = options.name === undefined ? undefined : await latestAttempt(client, options.name, terminal);
    if (known?.lease !== undefined && known.lease.endedAt === undefined) {
      terminal.note(`${known.lease.name} already exists. No other instance is rented.`);
      return finish(client, known.lease, options, terminal);
    }
    if (known?.lease !== undefined && known.lease.state !== 'failed') {
      const { name, message, state } = known.lease;
      throw new CliError(
        `The lease "${name}" has ended (${message ?? state}). Lease names cannot be reused: choose another --name.`,
        { exitCode: exitCodes.usage },
      );
    }
    await noteMissingWorker(client, terminal);
    return rent(client, options, (known?.attempt ?? 0) + 1, terminal);
  });
}

function checkTtl({ ttl, maxTtl }: UpOptions): void {
  if (maxTtl === undefined || durationSeconds(ttl) <= durationSeconds(maxTtl)) return;
  throw new CliError(`--ttl ${ttl} is longer than --max-ttl ${maxTtl}. Shorten --ttl, or raise --max-ttl.`, {
    exitCode: exitCodes.usage,
  });
}

/** Tries the matching offers one after the other, until one answers. */
async function rent(client: Client, options: UpOptions, firstAttempt: number, terminal: Terminal): Promise<number> {
  let offers = await candidates(options, terminal);
  const [cheapest] = offers;
  if (cheapest === undefined || !(await isWanted(offers, cheapest, options, terminal))) return exitCodes.interrupted;
  const base = options.name ?? `${wordOf(cheapest)}-${randomBytes(3).toString('hex')}`;
  let next = firstAttempt;
  for (;;) {
    const [offer, ...others] = offers;
    if (offer === undefined) {
      const message = 'Every matching offer failed: see the messages above. Nothing bills.';
      throw new CliError(`${message} Run "gpu-clouds offers" to see others.`, { exitCode: exitCodes.noOffer });
    }
    // Interrupted meanwhile: rent nothing more.
    terminal.signal.throwIfAborted();
    const begin = (lease: Attempt) => start(client, lease, offer, options, terminal);
    const { started, attempt } = await startAttempt(client, base, next, begin, terminal);
    next = attempt + 1;
    const failure = options.detach ? undefined : await failureOf(client, started, terminal);
    if (failure === undefined) return finish(client, started, options, terminal);
    terminal.note(`${offer.vendor} ${failure.message}`);
    offers = failure.next === 'next-cloud' ? others.filter(({ vendor }) => vendor !== offer.vendor) : others;
  }
}

async function candidates(options: UpOptions, terminal: Terminal): Promise<readonly Offer[]> {
  const constraints = {
    ...constraintsOf(options),
    // A GPU without a count is one GPU.
    gpuCount: 1,
    spot: options.spot ?? 'never',
    minStorage: options.storage,
  };
  const all = await listOffers(options.vendor, terminal);
  const ranked = rankOffers(all, constraints);
  if (ranked.length === 0) throw new CliError(whyNone(all, constraints), { exitCode: exitCodes.noOffer });
  return ranked;
}

async function isWanted(
  offers: readonly Offer[],
  cheapest: Offer,
  { storage, maxCost, ttl, yes }: UpOptions,
  terminal: Terminal,
): Promise<boolean> {
  if (terminal.prompts !== undefined) terminal.note(offersTable(offers.slice(0, 3), terminal, 'note'));
  const byTime = (orderedPricePerHour(cheapest, storage) * durationSeconds(ttl)) / 3600;
  const most = dollars(Math.min(byTime, maxCost ?? byTime));
  if (await mayStart(`Rent the first for ${ttl}, for at most ${most}?`, yes, terminal)) return true;
  terminal.note('Nothing was rented.');
  return false;
}

function wordOf({ gpu }: Offer): string {
  return gpu.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

async function start(
  client: Client,
  { name, replaces }: Attempt,
  offer: Offer,
  options: UpOptions,
  { env, note }: Terminal,
): Promise<Started> {
  const { ttl, maxTtl, idle, maxCost, image, storage } = options;
  const lease = { name, replaces, offer, fleet: await namedFleet({ env }), ttl, maxTtl, idle, maxCost, image, storage };
  const { id } = await startSearchable(client, (searchable) => leaseInstance(client, { ...lease, searchable }));
  note(
    `${name}: ${offer.gpuCount}x ${offer.gpu} at ${offer.vendor} (${offer.region}), ${dollars(orderedPricePerHour(offer, storage))}/hour, for ${ttl}${idle === undefined ? '' : ` or until unused for ${idle}`}`,
  );
  return { name, id };
}

/**
 * Waits until the instance answers or has ended.
 * @returns undefined if it answers, or the signal of the terminal aborts
 * @throws {CliError} when no other offer would help
 */
async function failureOf(
  client: Client,
  { id, name }: Started,
  terminal: Terminal,
): Promise<{ readonly message: string; readonly next: FailurePolicy['next'] } | undefined> {
  if ((await followLease(client, id, terminal)) !== 'ended') return undefined;
  const end = await leaseHandle(client, id).ended();
  if (end.why !== 'failed')
    throw new CliError(
      `${name} ended before it was ready: ${end.why}. Nothing bills. Run "gpu-clouds up" for another one.`,
    );
  const { next } = failurePolicies[end.kind];
  const message = failed(end);
  if (next === 'end-run') throw new CliError(`${name} ${message}`);
  return { next, message };
}

/** Says what became of the instance, and why. */
export function failed({ kind, message, neverExisted }: Extract<InstanceEnd, { readonly why: 'failed' }>): string {
  return `failed, and ${neverExisted ? 'no instance was created' : 'its instance is gone'}. ${kind}: ${message}`;
}

/** Prints how to connect. */
async function finish(client: Client, { name, id }: Started, options: UpOptions, terminal: Terminal): Promise<number> {
  if (options.detach) {
    terminal.out(options.json ? JSON.stringify({ name, id }) : name);
    return exitCodes.success;
  }
  if ((await followLease(client, id, terminal)) === 'interrupted') {
    terminal.note(`${name} continues to start, and bills.`);
    terminal.note('  see it: gpu-clouds ls');
    terminal.note(`  release it: gpu-clouds down ${name}`);
    return exitCodes.interrupted;
  }
  const connection = await leaseHandle(client, id).ready();
  const ssh = sshCommand(await writeSshFiles(name, connection, terminal));
  if (options.json) terminal.out(JSON.stringify({ ...(await leaseSummary(client, id)), connection, ssh }));
  else {
    terminal.out(ssh);
    terminal.note(`  log in: gpu-clouds ssh ${name}`);
    terminal.note(`  keep it longer: gpu-clouds extend ${name} 2h`);
    terminal.note(`  release it: gpu-clouds down ${name}`);
  }
  return exitCodes.success;
}
