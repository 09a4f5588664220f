// What the service does with runs. Temporal and the run store keep all state, so the service can restart at any time.
import { createHash } from 'node:crypto';
import {
  type Job,
  JobIdError,
  JobNotFoundError,
  jobWithStatus,
  type ListedJob,
  listJobStatuses,
  type RunStore,
  setBudget,
  startJob,
  stateOf,
} from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { User } from './users.ts';

export const trainingRequest = z.strictObject({ epochs: z.int().min(1).max(1000) });
type TrainingRequest = z.output<typeof trainingRequest>;

export class KeyReusedError extends Error {
  override readonly name = 'KeyReusedError';
}

export interface TrainingsOptions {
  readonly client: Client;
  readonly runs: RunStore;
  /** The job that each training runs. */
  readonly job: Job;
  /** Default: derived from the Temporal namespace, as the workers do it. */
  readonly fleet?: string | undefined;
}

const maxListed = 100;

export class Trainings {
  readonly #options: TrainingsOptions;

  constructor(options: TrainingsOptions) {
    this.#options = options;
  }

  /** Sets the budget of each user. The ledger of the fleet enforces it, whether or not the service is up. */
  async setBudgets(users: readonly User[]): Promise<void> {
    const { client, fleet } = this.#options;
    for (const { name, dollarsPerDay } of users)
      await setBudget(client, { dollars: dollarsPerDay, per: 'day' }, { fleet, account: accountOf(name) });
  }

  /**
   * Starts a training, or returns the one that the user has started with this key before. The ID of the run derives from user and key, and
   * Temporal accepts each ID once. So two requests at the same time, or one before and one after a restart, start one run.
   * @throws {KeyReusedError} The key was used for another request.
   */
  async start(user: string, key: string, request: TrainingRequest): Promise<string> {
    const { client, job, fleet, runs } = this.#options;
    const id = `training-${sha256([user, key]).slice(0, 40)}`;
    const tags = { owner: user, request: sha256(request) };
    const training = { ...job, env: { ...job.env, EPOCHS: String(request.epochs) } };
    try {
      await startJob(client, training, { id, tags, fleet, runs, budgetAccounts: [accountOf(user)] });
    } catch (error) {
      if (!(error instanceof JobIdError)) throw error;
      const first = await jobWithStatus(client, id);
      if (first.tags.request !== tags.request)
        throw new KeyReusedError('This Idempotency-Key was used with another body. Use a new key for a new training.');
    }
    return id;
  }

  /** Returns the user's trainings, newest first. */
  async list(owner: string) {
    const { client, fleet } = this.#options;
    const found: ReturnType<typeof shown>[] = [];
    for await (const run of listJobStatuses(client, { fleet, tags: { owner } })) {
      found.push(shown(run));
      if (found.length === maxListed) break;
    }
    return found;
  }

  /** Returns undefined if there is no such training, or if it is another user's. */
  async find(owner: string, id: string) {
    try {
      const run = await jobWithStatus(this.#options.client, id);
      return run.tags.owner === owner ? shown(run) : undefined;
    } catch (error) {
      if (error instanceof JobNotFoundError) return undefined;
      throw error;
    }
  }
}

/** What users see of a run. */
function shown({ id, status }: ListedJob) {
  const { phase, startedAt, elapsedSeconds, costSoFar, exitCode, message } = status;
  const ended = phase === 'finished';
  return { id, state: stateOf({ status }), ended, startedAt, elapsedSeconds, dollars: costSoFar, exitCode, message };
}

/** With a prefix, because the account `fleet` is that of the whole fleet. */
const accountOf = (user: string) => `user-${user}`;

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
