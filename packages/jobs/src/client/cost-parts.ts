import type { Client } from '@temporalio/client';
import { costOf, type JobInstance } from '../job-status.ts';
import { type EndedStatuses, type ListedJob, listJobStatuses } from './job-statuses.ts';
import { type LeaseSummary, listLeases } from './lease-summary.ts';
import type { ListOptions } from './list-workflows.ts';

/** What one instance of a run, or one lease, cost on one day. */
export interface CostPart {
  /** Id of the run, or name of the lease. */
  readonly run: string;
  /** The vendor, or `(unknown)` if no worker answers for the instances of the run. */
  readonly vendor: string;
  /** Name of the GPU, or `(unknown)`. */
  readonly gpu: string;
  /** The day in UTC, such as `2026-11-28`. */
  readonly day: string;
  /** Tags of the run. */
  readonly tags: Readonly<Record<string, string>>;
  /** US dollars. */
  readonly dollars: number;
}

/** What {@link groupCosts} groups by. */
export type CostGrouping = 'day' | 'vendor' | 'gpu' | 'run' | 'tag';

/** The cost of one group. */
export interface CostGroup {
  /** The day, the vendor, the GPU, the run, or the value of the tag. `(no tag)` for runs without it. */
  readonly name: string;
  /** Number of runs and leases. */
  readonly runs: number;
  /** US dollars. */
  readonly dollars: number;
}

const unknown = '(unknown)';
const untagged = '(no tag)';
const dayMs = 86_400_000;

/** Yields the parts of what runs and leases cost, running ones included. Without a worker, only the total of an ended run is known. */
export async function* costParts(
  client: Client,
  options: ListOptions & { readonly ended?: EndedStatuses | undefined } = {},
): AsyncGenerator<CostPart, void, undefined> {
  const now = Date.now();
  for await (const job of listJobStatuses(client, options)) yield* runParts(job, now);
  for await (const lease of listLeases(client, options)) yield* leaseParts(lease, now);
}

/**
 * Adds up the parts of each group: the largest group first, or by date.
 * @param tag The tag whose values are the groups, with `tag`. If omitted, each combination of tags, such as `owner=ada team=vision`, is a group.
 */
export function groupCosts(parts: readonly CostPart[], by: CostGrouping, tag?: string): readonly CostGroup[] {
  const groups = new Map<string, CostPart[]>();
  for (const part of parts) {
    const name = by === 'tag' ? tagOf(part, tag) : part[by];
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [part]);
    else group.push(part);
  }
  return [...groups]
    .map(([name, of]) => ({ name, runs: new Set(of.map(({ run }) => run)).size, dollars: sumOf(of) }))
    .toSorted((a, b) => (by === 'day' ? (a.name < b.name ? -1 : 1) : b.dollars - a.dollars));
}

function tagOf({ tags }: CostPart, tag: string | undefined): string {
  if (tag !== undefined) return tags[tag] ?? untagged;
  const pairs = Object.entries(tags).map((pair) => pair.join('='));
  return pairs.toSorted().join(' ') || untagged;
}

/** Yields what each instance of a run costs on each day. @param now Milliseconds since the epoch. */
export function* runParts({ id, tags, status }: ListedJob, now: number): Generator<CostPart> {
  let known = 0;
  for (const instance of status.instances) {
    const { vendor, gpu } = instance.offer;
    for (const { day, dollars } of byDay(instance, now)) {
      known += dollars;
      yield { run: id, tags, vendor, gpu, day, dollars };
    }
  }
  // Temporal has the total of an ended run, even if no worker answers for its instances.
  const rest = status.costSoFar - known;
  const day = status.startedAt.slice(0, 10);
  if (status.phase === 'finished' && rest > 0.000_001)
    yield { run: id, tags, vendor: unknown, gpu: unknown, day, dollars: rest };
}

/** Yields what a lease costs on each day. @param now Milliseconds since the epoch. */
export function* leaseParts(lease: LeaseSummary, now: number): Generator<CostPart> {
  if (lease.neverExisted) return;
  const { name, vendor = unknown, gpus = unknown, pricePerHour = 0, earlierPrices, startedAt, endedAt } = lease;
  const gpu = gpus.replace(/^\d+x /, '');
  const span = { since: startedAt.toISOString(), until: endedAt?.toISOString(), pricePerHour, earlierPrices };
  for (const { day, dollars } of byDay(span, now)) yield { run: name, tags: {}, vendor, gpu, day, dollars };
}

function* byDay(span: Pick<JobInstance, 'since' | 'until' | 'pricePerHour' | 'earlierPrices'>, now: number) {
  const end = span.until === undefined ? now : Date.parse(span.until);
  for (let from = Date.parse(span.since); from < end; from = nextDay(from)) {
    yield {
      day: new Date(from).toISOString().slice(0, 10),
      dollars: costOf([span], Math.min(end, nextDay(from)), from),
    };
  }
}

function nextDay(time: number): number {
  return (Math.floor(time / dayMs) + 1) * dayMs;
}

function sumOf(parts: readonly CostPart[]): number {
  return parts.reduce((sum, { dollars }) => sum + dollars, 0);
}
