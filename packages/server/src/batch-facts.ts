import {
  type BatchItem,
  type BatchItemResult,
  type BatchStatus,
  type BatchSummary,
  batchHandle,
  itemsOfBatch,
  JobNotFoundError,
  listBatches,
  listJobs,
  NoWorkerError,
  type RunStore,
} from '@gpu-clouds/jobs';
import type { z } from '@hono/zod-openapi';
import type * as api from './api.ts';
import { withoutStore } from './errors.ts';
import type { AppOptions } from './options.ts';
import type { Query } from './query.ts';
import type * as schemas from './schemas.ts';

type Batches = z.output<typeof schemas.batches>;
type Batch = z.output<typeof schemas.batch>;
type Item = Batch['items'][number];

/** Batches of which something is kept in memory. */
const maxKnown = 100;

/** What the server knows of the batches of one fleet, in the form in which it is shown. */
export class BatchFacts {
  readonly #options: Pick<AppOptions, 'client' | 'fleet' | 'runs'>;
  /** The statuses of ended batches. They no longer change, and a result of thousands of items is large. */
  readonly #ended = new Map<string, BatchStatus>();
  /** The items that batches were started with. */
  readonly #started = new Map<string, ReadonlyMap<number, BatchItem>>();

  constructor(options: Pick<AppOptions, 'client' | 'fleet' | 'runs'>) {
    this.#options = options;
  }

  async list({ since, limit }: Query<typeof api.listBatches>): Promise<Batches> {
    const { client, fleet } = this.#options;
    const found: BatchSummary[] = [];
    const from = since === undefined ? undefined : new Date(since);
    for await (const batch of listBatches(client, { fleet, since: from })) {
      found.push(batch);
      if (found.length > limit) break;
    }
    const batches = found.slice(0, limit).map(async ({ id, name, state, startedAt, endedAt }) => ({
      id,
      name,
      state,
      startedAt: startedAt.toISOString(),
      endedAt: endedAt?.toISOString(),
      progress: await this.#status(id).then(progressOf, noneWithoutWorker),
    }));
    return { batches: await Promise.all(batches), more: found.length > limit };
  }

  /** @throws {JobNotFoundError} There is no such batch in the fleet. */
  async one(id: string, { state, limit }: Query<typeof api.getBatch>): Promise<Batch> {
    const { client, fleet } = this.#options;
    const status = await this.#status(id);
    const { memo, startTime, closeTime } = await client.workflow.getHandle(id).describe();
    if (memo?.fleet !== fleet) throw new JobNotFoundError(`There is no batch "${id}".`);
    const items = await this.#items(status);
    const matching = items.filter((item) => state === undefined || item.state === state);
    return {
      id,
      name: typeof memo.name === 'string' ? memo.name : id,
      state: status.state,
      startedAt: startTime.toISOString(),
      endedAt: closeTime?.toISOString(),
      progress: progressOf(status),
      items: matching.slice(0, limit),
      matching: matching.length,
    };
  }

  async #items({ id, state }: BatchStatus): Promise<readonly Item[]> {
    const { client, runs } = this.#options;
    const started = this.#started.get(id) ?? (await itemsOfBatch(client, id));
    remember(this.#started, id, started);
    const running = state === 'running' ? await this.#running(id) : new Set<string>();
    const ended = new Map((await batchHandle(client, id).results()).map((result) => [result.index, result]));
    return [...started].map(([index, item]) => {
      const run = `${id}-${index}`;
      const known = { index, id: run, variables: item.env ?? {} };
      const result = ended.get(index);
      if (result !== undefined) return { ...known, ...shownEnd(result, runs) };
      if (running.has(run)) return { ...known, state: 'running' };
      return { ...known, state: state === 'running' ? 'waiting' : 'skipped' };
    });
  }

  /** Returns the ids of the runs of a batch that have not ended. */
  async #running(batch: string): Promise<ReadonlySet<string>> {
    const { client, fleet } = this.#options;
    const ids = new Set<string>();
    for await (const run of listJobs(client, { fleet, running: true })) if (run.batch === batch) ids.add(run.id);
    return ids;
  }

  async #status(id: string): Promise<BatchStatus> {
    const known = this.#ended.get(id);
    if (known !== undefined) return known;
    const status = await batchHandle(this.#options.client, id).status();
    if (status.state !== 'running') remember(this.#ended, id, status);
    return status;
  }
}

function remember<T>(all: Map<string, T>, id: string, value: T): void {
  if (all.size >= maxKnown) all.clear();
  all.set(id, value);
}

function progressOf({ total, running, done, failed, dollars }: BatchStatus): Batch['progress'] {
  return { total, running, done, failed, dollars };
}

function noneWithoutWorker(error: unknown): undefined {
  if (!(error instanceof NoWorkerError)) throw error;
}

function shownEnd({ outcome, exitCode, dollars, message }: BatchItemResult, runs: RunStore) {
  return { state: outcome, exitCode, dollars, message: message && withoutStore(runs, message) };
}
