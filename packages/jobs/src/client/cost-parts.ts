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

/** The time in which costs count, in milliseconds since the epoch. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** Options of {@link costParts}. */
export interface CostOptions extends Pick<ListOptions, 'fleet' | 'running'> {
  /** What is spent from then on counts, also by runs and leases that started before. Default: everything. */
  readonly since?: Date | undefined;
  /** Statuses of ended runs that the caller has. More are added. */
  readonly ended?: EndedStatuses | undefined;
}

/** Yields the parts of what runs and leases cost, running ones included. Without a worker, only the total of an ended run is known. */
export async function* costParts(
  client: Client,
  { since, ...options }: CostOptions = {},
): AsyncGenerator<CostPart, void, undefined> {
  const span = { from: since?.getTime() ?? 0, to: Date.now() };
  const listed = { ...options, activeSince: since };
  for await (const job of listJobStatuses(client, listed)) yield* runParts(job, span);
  for await (const lease of listLeases(client, listed)) yield* leaseParts(lease, span);
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
  // The name is the user's. `tags[tag]` alone would find `constructor` in any object.
  if (tag !== undefined) return (Object.hasOwn(tags, tag) ? tags[tag] : undefined) ?? untagged;
  const pairs = Object.entries(tags).map((pair) => pair.join('='));
  return pairs.toSorted().join(' ') || untagged;
}

/** Yields what each instance of a run costs on each day of the span. */
export function* runParts({ id, tags, status }: ListedJob, span: Span): Generator<CostPart> {
  for (const instance of status.instances) {
    const { vendor, gpu } = instance.offer;
    for (const { day, dollars } of byDay(instance, span)) yield { run: id, tags, vendor, gpu, day, dollars };
  }
  if (status.phase !== 'finished') return;
  // Temporal has the total of an ended run, even if no worker answers for its instances.
  const rest = status.costSoFar - costOf(status.instances, span.to);
  const start = Date.parse(status.startedAt);
  const end = start + status.elapsedSeconds * 1000;
  const first = Math.max(start, span.from);
  const dollars = first > end ? 0 : start === end ? rest : (rest * (end - first)) / (end - start);
  if (dollars > 0.000_001) yield { run: id, tags, vendor: unknown, gpu: unknown, day: dayOf(first), dollars };
}

/** Yields what a lease costs on each day of the span. */
export function* leaseParts(lease: LeaseSummary, span: Span): Generator<CostPart> {
  if (lease.neverExisted) return;
  const { name, vendor = unknown, gpus = unknown, pricePerHour = 0, earlierPrices, startedAt, endedAt } = lease;
  const gpu = gpus.replace(/^\d+x /, '');
  const life = { since: startedAt.toISOString(), until: endedAt?.toISOString(), pricePerHour, earlierPrices };
  for (const { day, dollars } of byDay(life, span)) yield { run: name, tags: {}, vendor, gpu, day, dollars };
}

function* byDay(life: Pick<JobInstance, 'since' | 'until' | 'pricePerHour' | 'earlierPrices'>, { from, to }: Span) {
  const end = life.until === undefined ? to : Date.parse(life.until);
  for (let at = Math.max(from, Date.parse(life.since)); at < end; at = nextDay(at)) {
    yield { day: dayOf(at), dollars: costOf([life], Math.min(end, nextDay(at)), at) };
  }
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function nextDay(time: number): number {
  return (Math.floor(time / dayMs) + 1) * dayMs;
}

function sumOf(parts: readonly CostPart[]): number {
  return parts.reduce((sum, { dollars }) => sum + dollars, 0);
}
