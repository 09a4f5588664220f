import { type Offer, orderedPricePerHour, rankOffers } from '@gpu-clouds/clouds/pure';
import { costCap, type Job, offerConstraints } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from './cli-error.ts';
import { whyNone } from './commands/offers.ts';
import { listOffers } from './list-offers.ts';
import { dollars } from './output/format.ts';
import { offersTable } from './output/offers-table.ts';
import { styleOf } from './output/style.ts';
import type { Terminal } from './terminal.ts';

/** What a run would rent, and what it may cost. */
export interface Plan {
  /** Matching offers, cheapest first. The worker tries them in this order. Absent if this machine has no credentials of a cloud. */
  readonly candidates?: readonly Offer[] | undefined;
  /** US dollars per hour of the first candidate with the job's disk, for all nodes. */
  readonly pricePerHour?: number | undefined;
  /** Maximum cost in US dollars: `maxCost`, or what `maxDuration` costs at the price limit or at the most expensive candidate's price. */
  readonly cap?: number | undefined;
}

const candidatesShown = 3;

/**
 * Lists the offers that match the job.
 * @throws {CliError} when no offer matches
 */
export async function planOf(job: Job, terminal: Terminal): Promise<Plan> {
  const { nodes } = job.resources;
  const storage = job.mode === 'instance' ? job.resources.storage : undefined;
  const { maxCost, maxPricePerHour } = job.limits;
  // Job deployments have offers of their own, which only the worker lists.
  const all = job.mode === 'instance' ? await knownOffers(job, terminal) : undefined;
  if (all === undefined) return { cap: maxCost };
  const constraints = offerConstraints(job);
  const candidates = rankOffers(all, constraints);
  const [first] = candidates;
  if (first === undefined) {
    if (job.retry.onNoOffer !== undefined) return { candidates, cap: maxCost };
    throw new CliError(`${whyNone(all, constraints)} To wait for one, add --wait 12h.`, {
      exitCode: exitCodes.noOffer,
    });
  }
  const highest = maxPricePerHour ?? Math.max(...candidates.map((offer) => orderedPricePerHour(offer, storage)));
  return {
    candidates,
    pricePerHour: orderedPricePerHour(first, storage) * nodes,
    cap: costCap(job.limits, highest * nodes),
  };
}

/** Returns undefined without credentials: then only the worker can list offers. */
async function knownOffers(job: Job, terminal: Terminal): Promise<readonly Offer[] | undefined> {
  try {
    return await listOffers(job.resources.vendors, terminal);
  } catch (error) {
    if (error instanceof CliError && error.exitCode === exitCodes.credentials) return undefined;
    throw error;
  }
}

/** Shows the plan on standard error. */
export function showPlan(job: Job, { candidates, pricePerHour, cap }: Plan, terminal: Terminal): void {
  const { note } = terminal;
  const style = styleOf(terminal, 'note');
  const { nodes } = job.resources;
  note(`${style('bold', job.name)}  ${firstLine(job)}`);
  if (candidates === undefined) note('The worker chooses the offer: this machine lists no offers for this job.');
  else if (candidates.length === 0) note(`No offer fits now. The run waits for one for ${job.retry.onNoOffer}.`);
  else {
    const shown = candidates.slice(0, candidatesShown);
    note(offersTable(shown, terminal, 'note'));
    if (candidates.length > shown.length)
      note(style('dim', `${shown.length} of ${candidates.length} offers, tried in this order`));
  }
  const price =
    pricePerHour === undefined ? '' : `${dollars(pricePerHour)}/hour${nodes > 1 ? ` for ${nodes} instances` : ''}, `;
  const most = cap === undefined ? 'no limit in dollars' : `at most ${dollars(cap)}`;
  note(`${price}${most}, at most ${job.limits.maxDuration}`);
}

function firstLine(job: Job): string {
  const [line = ''] = (job.mode === 'instance' ? job.command : job.container.image).trim().split('\n');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/**
 * Asks whether to spend, unless there is nobody to ask or `yes` is set.
 * @returns false if the person says no
 */
export async function mayStart(question: string, yes: boolean | undefined, { prompts }: Terminal): Promise<boolean> {
  if (yes || prompts === undefined) return true;
  return (await prompts.confirm(question)) === true;
}
