// What the service knows of its trainings: all of it is in Temporal.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type Job,
  JobNotFoundError,
  type JobStatus,
  jobHandle,
  parseJob,
  type RunStore,
  uploadJobFiles,
} from '@gpu-clouds/jobs';
import type { JobOrder } from '@gpu-clouds/workflows/workflows';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { training } from './workflows.ts';

export const taskQueue = 'backend';

/** `accepted`: the run has not begun yet. */
export type TrainingStatus = JobStatus | { readonly id: string; readonly phase: 'accepted' };

export class Trainings {
  readonly #client: Client;
  readonly #fleet: string;
  readonly #runs: RunStore;

  constructor(client: Client, fleet: string, runs: RunStore) {
    this.#client = client;
    this.#fleet = fleet;
    this.#runs = runs;
  }

  /** The same key is the same training, however often it is asked for: a client that got no answer asks again. */
  async start(key: string, epochs: number): Promise<string> {
    const id = `training-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
    try {
      await this.#client.workflow.start<typeof training>('training', {
        workflowId: workflowOf(id),
        taskQueue,
        args: [await this.#order(id, epochs)],
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    return id;
  }

  /** Undefined when there is no such training. */
  async status(id: string): Promise<TrainingStatus | undefined> {
    try {
      return await jobHandle(this.#client, id).status();
    } catch (error) {
      if (!(error instanceof JobNotFoundError)) throw error;
      return (await this.#exists(id)) ? { id, phase: 'accepted' } : undefined;
    }
  }

  /** Each change until its end. */
  async *watch(id: string, signal: AbortSignal): AsyncGenerator<TrainingStatus, void, undefined> {
    let status = await this.status(id);
    while (status?.phase === 'accepted' && !signal.aborted) {
      yield status;
      await delay(500, undefined, { signal }).catch(() => undefined);
      status = await this.status(id);
    }
    if (status !== undefined) yield* jobHandle(this.#client, id).watch({ signal });
  }

  /** The command is asked to end, and its files come back. */
  async stop(id: string): Promise<void> {
    await jobHandle(this.#client, id).stop();
  }

  /** Ends it now; its instance is destroyed first. */
  async cancel(id: string): Promise<void> {
    await this.#client.workflow.getHandle(workflowOf(id)).cancel();
  }

  /** The job's files are uploaded before the training starts. The worker refuses to run it with another run store. */
  async #order(id: string, epochs: number): Promise<JobOrder> {
    const job = await uploadJobFiles(this.#runs, await jobFor(epochs));
    return { id, fleet: this.#fleet, store: await this.#runs.id(), job };
  }

  async #exists(id: string): Promise<boolean> {
    try {
      await this.#client.workflow.getHandle(workflowOf(id)).describe();
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }
}

/** The run itself has the bare id. */
const workflowOf = (id: string) => `${id}/service`;

async function jobFor(epochs: number): Promise<Job> {
  const file = fileURLToPath(new URL('training.yaml', import.meta.url));
  const job = parseJob(await readFile(file, 'utf8'), file);
  return { ...job, env: { ...job.env, EPOCHS: String(epochs) } };
}
