import { rankOffers } from '@gpu-clouds/clouds/pure';
import {
  type CostPart,
  costOf,
  costParts,
  groupCosts,
  type Job,
  JobNotFoundError,
  type JobStatus,
  jobOfRun,
  jobPhases,
  jobWithStatus,
  type LeaseSummary,
  type ListedJob,
  leaseCost,
  leaseSummary,
  listJobStatuses,
  listLeases,
  type NamedResource,
  ReaperNotFoundError,
  reaperHandle,
  type StoredFile,
  stateOf,
} from '@gpu-clouds/jobs';
import type { z } from '@hono/zod-openapi';
import type * as api from './api.ts';
import { BatchFacts } from './batch-facts.ts';
import { boundedReader } from './bounded-reader.ts';
import { withoutStore } from './errors.ts';
import type { AppOptions, ListedOffers } from './options.ts';
import type { Query } from './query.ts';
import type * as schemas from './schemas.ts';
import { Shared } from './shared.ts';
import { shownRun, shownSummary } from './shown-run.ts';
import type { Caller } from './tokens.ts';

/** The tag that says which token of the scope `run` may see and end a run. */
const ownerTag = 'owner';
const maxArtifacts = 10_000;
/**
 * Milliseconds for which offers and costs are shared. The page of the costs requests them by day, vendor, and tag at once. And requests must
 * not use up the rate limits of the clouds, which the teardown of instances needs.
 */
const sharedMs = 15_000;
/** Ended runs whose status is kept in memory, and runs whose caps are. */
const maxKnown = 2000;
/** Runs whose status a request looks at. */
const maxScanned = 1000;
/** Runs that a request makes Temporal list, in pages of 1000. Temporal cannot filter by tags, such as that of a token's own runs. */
const maxListed = 10_000;
const monthMs = 30 * 86_400_000;

/** What the server knows of one fleet, in the form in which it is shown. */
export class Facts {
  readonly #options: AppOptions;
  readonly #limits = new Map<string, Promise<Job['limits']>>();
  readonly #costs = new Shared<readonly CostPart[]>(sharedMs);
  readonly #offers = new Shared<ListedOffers>(sharedMs);
  readonly #batches: BatchFacts;
  /** The statuses of ended runs. Without them, a worker would replay the history of each ended run at each request. */
  readonly #ended = new Map<string, JobStatus>();

  constructor(options: AppOptions) {
    this.#options = options;
    this.#batches = new BatchFacts(options);
  }

  async offers({ limit, vendor, ...filters }: Query<typeof api.listOffers>): Promise<z.output<typeof schemas.offers>> {
    const { gpu, memory, region, spot, maxPrice } = filters;
    const { offers, notes } = await this.#offers.get('', this.#options.offers);
    const constraints = {
      gpu,
      spot,
      minGpuMemory: memory,
      regions: region,
      vendors: vendor,
      maxPricePerHour: maxPrice,
    };
    const ranked = rankOffers(offers, constraints);
    const shown = ranked.slice(0, limit).map((offer) => {
      const { gpuCount, gpuMemory, vcpus, storage, pricePerHour, available } = offer;
      const { vendor, region, gpu, memory, spot } = offer;
      return { vendor, region, gpu, gpuCount, gpuMemory, vcpus, memory, storage, pricePerHour, spot, available };
    });
    return { offers: shown, matching: ranked.length, notes };
  }

  async runs(caller: Caller, query: Query<typeof api.listRuns>): Promise<z.output<typeof schemas.runs>> {
    const { state, tag = [], since, limit } = query;
    const { client, fleet } = this.#options;
    const filters = {
      fleet,
      // A phase is that of a run that has not ended.
      running: state === 'active' || jobPhases.some((phase) => phase === state),
      since: since === undefined ? undefined : new Date(since),
      tags: { ...tagsIn(tag), ...ownTags(caller) },
      ended: this.#known(),
    };
    const runs: ListedJob[] = [];
    const { reader, wasCut } = boundedReader(client, maxListed);
    let scanned = 0;
    for await (const run of listJobStatuses(reader, filters)) {
      scanned += 1;
      if (state === undefined || state === 'active' || stateOf(run) === state) runs.push(run);
      if (runs.length > limit || scanned === maxScanned) break;
    }
    const shown = runs
      .slice(0, limit)
      .map(async (run) => shownSummary(this.#withoutPaths(run), await this.#limitsOf(run.id)));
    return { runs: await Promise.all(shown), more: runs.length > limit || scanned === maxScanned || wasCut() };
  }

  /** @throws {JobNotFoundError} There is no such run, or the caller may not see it. */
  async job(caller: Caller, id: string): Promise<ListedJob> {
    const job = await jobWithStatus(this.#options.client, id, this.#known()).catch((error: unknown) => {
      if (!(error instanceof JobNotFoundError)) throw error;
    });
    const isOwn = Object.entries(ownTags(caller)).every(([key, value]) => job?.tags[key] === value);
    if (job?.fleet === this.#options.fleet && isOwn) return this.#withoutPaths(job);
    // The same words in all cases: they do not say whether there is such a run.
    throw new JobNotFoundError(`There is no run "${id}" that this token may see.`);
  }

  async run(caller: Caller, id: string): Promise<z.output<typeof schemas.run>> {
    return shownRun(await this.job(caller, id), await this.#limitsOf(id));
  }

  async artifacts(id: string): Promise<z.output<typeof schemas.artifacts>> {
    const artifacts: StoredFile[] = [];
    for await (const { path, size } of this.#options.runs.listFiles(id, 'outputs')) {
      artifacts.push({ path: path.replace('outputs/', ''), size });
      if (artifacts.length === maxArtifacts) break;
    }
    return { artifacts: artifacts.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
  }

  async instances(): Promise<z.output<typeof schemas.instances>> {
    const { client, fleet } = this.#options;
    const now = Date.now();
    const instances: z.output<typeof schemas.instances>['instances'][number][] = [];
    for await (const { id, name, status } of listJobStatuses(client, { fleet, running: true })) {
      for (const instance of status.activeInstances) {
        const { instanceName, offer, since, pricePerHour, teardownStuckSince, accountSuspectSince } = instance;
        instances.push({
          owner: { what: 'run', id, name },
          instanceName,
          vendor: offer.vendor,
          gpus: `${offer.gpuCount}x ${offer.gpu}`,
          region: offer.region,
          state: status.phase,
          since,
          pricePerHour,
          cost: costOf([instance], now),
          teardownStuckSince,
          accountSuspectSince,
        });
      }
    }
    for await (const lease of listLeases(client, { fleet, running: true })) instances.push(instanceOf(lease, now));
    return { pricePerHour: instances.reduce((sum, { pricePerHour = 0 }) => sum + pricePerHour, 0), instances };
  }

  async leases({ active }: Query<typeof api.listLeases>): Promise<z.output<typeof schemas.leases>> {
    const { client, fleet } = this.#options;
    const leases: z.output<typeof schemas.leases>['leases'][number][] = [];
    for await (const lease of listLeases(client, { fleet, running: active === 'true' })) {
      const { id, name, state, message, vendor, gpus, pricePerHour, startedAt, mustEndBy, endedAt } = lease;
      const { teardownStuckSince, accountSuspectSince } = lease;
      const times = { startedAt: startedAt.toISOString(), mustEndBy: isoOf(mustEndBy), endedAt: isoOf(endedAt) };
      leases.push({
        id,
        name,
        state,
        message,
        vendor,
        gpus,
        pricePerHour,
        ...times,
        teardownStuckSince,
        accountSuspectSince,
      });
    }
    return { leases };
  }

  /** Returns a lease of the fleet, or undefined if there is none with this id. */
  async lease(id: string): Promise<LeaseSummary | undefined> {
    const lease = await leaseSummary(this.#options.client, id);
    return lease?.fleet === this.#options.fleet ? lease : undefined;
  }

  batches(query: Query<typeof api.listBatches>): Promise<z.output<typeof schemas.batches>> {
    return this.#batches.list(query);
  }

  batch(id: string, query: Query<typeof api.getBatch>): Promise<z.output<typeof schemas.batch>> {
    return this.#batches.one(id, query);
  }

  async cost({ since, by, tag }: Query<typeof api.getCost>): Promise<z.output<typeof schemas.cost>> {
    const from = since === undefined ? new Date(Date.now() - monthMs) : new Date(since);
    const parts = await this.#costParts(from);
    return {
      since: from.toISOString(),
      by,
      groups: groupCosts(parts, by, tag),
      total: parts.reduce((sum, { dollars }) => sum + dollars, 0),
      tags: [...new Set(parts.flatMap(({ tags }) => Object.keys(tags)))].toSorted(),
    };
  }

  async reaper(): Promise<z.output<typeof schemas.reaper>> {
    const { client, fleet } = this.#options;
    try {
      const { paused, dryRun, everySeconds, nextRun, lastRun } = await reaperHandle(client, fleet).status();
      const settings = { scheduled: true, paused, dryRun, everySeconds, nextRun: isoOf(nextRun) };
      if (lastRun === undefined) return settings;
      const { destroyed, waiting, alarms, wanted, failures } = lastRun.report;
      const report = {
        endedAt: lastRun.endedAt.toISOString(),
        destroyed: destroyed.map(shownResource),
        waiting: waiting.map(shownResource),
        alarms: alarms.map(shownResource),
        kept: wanted.length,
        failures: failures.map(({ vendor, message }) => ({ vendor, message })),
      };
      return { ...settings, lastRun: report };
    } catch (error) {
      if (!(error instanceof ReaperNotFoundError)) throw error;
      return { scheduled: false, paused: false, dryRun: false };
    }
  }

  #withoutPaths(job: ListedJob): ListedJob {
    const { message, failures } = job.status;
    const without = (text: string) => withoutStore(this.#options.runs, text);
    const status = {
      ...job.status,
      message: message && without(message),
      failures: failures.map((failure) => ({ ...failure, message: without(failure.message) })),
    };
    return { ...job, status };
  }

  /** The caps of a run never change. */
  #limitsOf(id: string): Promise<Job['limits']> {
    const known = this.#limits.get(id);
    if (known !== undefined) return known;
    const limits = jobOfRun(this.#options.client, id).then((job) => job.limits);
    if (this.#limits.size > maxKnown) this.#limits.clear();
    this.#limits.set(id, limits);
    limits.catch(() => this.#limits.delete(id));
    return limits;
  }

  #costParts(since: Date): Promise<readonly CostPart[]> {
    const { client, fleet } = this.#options;
    const load = () => collected(costParts(client, { fleet, since, ended: this.#known() }));
    // To the minute, so that requests for the last 30 days share it too.
    return this.#costs.get(since.toISOString().slice(0, 16), load);
  }

  #known(): Map<string, JobStatus> {
    if (this.#ended.size > maxKnown) this.#ended.clear();
    return this.#ended;
  }
}

function ownTags({ scope, name }: Caller): Readonly<Record<string, string>> {
  return scope === 'run' ? { [ownerTag]: name } : {};
}

function tagsIn(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new RangeError(`The tag ${JSON.stringify(pair)} must be key=value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function instanceOf(lease: LeaseSummary, now: number) {
  const { id, name, vendor, gpus, state, startedAt, pricePerHour, mustEndBy, teardownStuckSince, accountSuspectSince } =
    lease;
  return {
    owner: { what: 'lease' as const, id, name },
    instanceName: id,
    vendor,
    gpus,
    state,
    since: startedAt.toISOString(),
    pricePerHour,
    cost: leaseCost(lease, now),
    mustEndBy: isoOf(mustEndBy),
    teardownStuckSince,
    accountSuspectSince,
  };
}

function shownResource(resource: NamedResource & { readonly why: string; readonly since?: string }) {
  const { vendor, what, id, instanceName, why, pricePerHour, since } = resource;
  return { vendor, what, id, instanceName, why, pricePerHour, since };
}

function isoOf(date: Date | undefined): string | undefined {
  return date?.toISOString();
}

async function collected<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
