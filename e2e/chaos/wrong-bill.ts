import { grouped } from './grouped.ts';
import { type Lifetime, type Outage, secondsOut } from './over-cap.ts';
import type { RunRecord } from './run-record.ts';

/** Time in seconds by which the product may count less than the vendor: it counts from its own clock. */
const toleranceSeconds = 5;
/** Time in seconds until a new price is noticed: a few polls, on a slow computer. */
const noticeSeconds = 10;

/** Something that the ledger has billed for a run. */
export interface Billed extends Lifetime {
  readonly name: string;
  readonly dollars: number;
  readonly highestPricePerHour: number;
  /** Present for a job deployment: the jobs that were submitted to it. */
  readonly jobs?: number | undefined;
}

/**
 * Returns the US dollars that the product left out of the cost that it reported. What it counts in excess is right: it counts at the higher of
 * two prices, and until the vendor no longer shows the instance.
 */
export function unreportedDollars(
  { reported, applied }: Pick<RunRecord, 'reported' | 'applied'>,
  billed: readonly Billed[],
  outages: readonly Outage[],
): number {
  if (reported?.dollars === undefined) return 0;
  const dollars = billed.reduce((sum, item) => sum + item.dollars, 0);
  const pricePerHour = billed.reduce((sum, item) => sum + item.highestPricePerHour, 0);
  // A new price is noticed at the next poll, which has to wait while a worker or the server is away.
  const noticedAfter = applied.has('price-change') ? noticeSeconds + secondsOut(billed, outages) : 0;
  return Math.max(0, dollars - reported.dollars - ((toleranceSeconds + noticedAfter) / 3600) * pricePerHour);
}

/** Seconds for which the product may count an instance that is gone: until it is sure of that, or gives up waiting for its boot. */
const countsOnSeconds = 180;
/** US dollars per hour, or in total: noise of rounding. */
const noise = 1e-4;

/** Returns how a run's own figures contradict the ledger or each other, or undefined when they do not. */
export function wrongFigure(
  { reported, applied, prices }: Pick<RunRecord, 'reported' | 'applied' | 'prices'>,
  billed: readonly Billed[],
  outages: readonly Outage[],
): string | undefined {
  if (reported?.dollars === undefined) return undefined;
  const { dollars, phases = [] } = reported;
  const inPhases = phases.reduce((sum, phase) => sum + phase.dollars, 0);
  if (Math.abs(inPhases - dollars) > noise) return `its phases cost $${inPhases}, but it cost $${dollars}`;
  const shownFor = (name: string) =>
    Math.max(0, ...prices.filter((one) => one.name === name).map((one) => one.pricePerHour));
  const out = secondsOut(billed.map(counted), outages);
  const most = billed.reduce((sum, item) => {
    // A job deployment that never had a replica has no price in the ledger. The product cannot know that, and counts it.
    const isWithoutReplica = item.jobs !== undefined && item.highestPricePerHour === 0;
    const pricePerHour = isWithoutReplica ? shownFor(item.name) : item.highestPricePerHour;
    return sum + mostDollars({ ...item, highestPricePerHour: pricePerHour }, out);
  }, 0);
  if (dollars > most + noise) return `it reported $${dollars}, but at most $${most.toFixed(4)} were billed`;
  // The price of an instance that was repriced depends on when the product polled.
  if (applied.has('price-change')) return undefined;
  for (const [name, items] of grouped(billed, (item) => item.name)) {
    const highest = highestAtOnce(items);
    const shown = prices.find((price) => price.name === name && price.pricePerHour < highest * 0.99 - noise);
    if (shown) return `it showed a price of $${shown.pricePerHour}/h for ${name}, but the vendor billed $${highest}/h`;
  }
  return undefined;
}

/** The time in which the product may count it. It counts from the order on. */
function counted({ createdAt, goneAt }: Lifetime): Lifetime {
  const moved = (time: string, seconds: number) => new Date(Date.parse(time) + seconds * 1000).toISOString();
  return {
    createdAt: moved(createdAt, -countsOnSeconds),
    goneAt: goneAt === undefined ? undefined : moved(goneAt, countsOnSeconds),
  };
}

function mostDollars({ createdAt, goneAt, highestPricePerHour }: Billed, secondsOut: number): number {
  const end = goneAt === undefined ? Date.now() : Date.parse(goneAt);
  const seconds = (end - Date.parse(createdAt)) / 1000 + countsOnSeconds + secondsOut;
  return (seconds / 3600) * highestPricePerHour;
}

/** Returns the highest price per hour of all that existed at the same time: a name may be used again after its instance is gone. */
function highestAtOnce(items: readonly Billed[]): number {
  const sums = items.map(({ createdAt }) => {
    const alive = items.filter((item) => item.createdAt <= createdAt && (item.goneAt ?? '9999') > createdAt);
    return alive.reduce((sum, { highestPricePerHour }) => sum + highestPricePerHour, 0);
  });
  return Math.max(...sums);
}
