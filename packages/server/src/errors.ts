import type { RunStore } from '@gpu-clouds/jobs';
import { HTTPException } from 'hono/http-exception';

type Status = 400 | 404 | 409 | 500 | 503;

/** Statuses of errors of other packages, by name. Their messages have no secrets. */
const statuses: Readonly<Record<string, Status>> = {
  JobNotFoundError: 404,
  LeaseError: 409,
  RangeError: 400,
  GpuNameError: 400,
  CodecKeyError: 400,
  NoWorkerError: 503,
};

/** What an error is answered with. */
export interface ErrorAnswer {
  readonly status: Status | HTTPException['status'];
  readonly message: string;
  /** What the log has of it. Absent if the answer says everything. */
  readonly logged?: string | undefined;
}

/**
 * Returns what an error is answered with. The message of an unexpected error is logged, and not given away. Nor is that of the run store,
 * which names a path of the disk.
 */
export function answerOf(error: Error): ErrorAnswer {
  if (error instanceof HTTPException) return { status: error.status, message: sentenceOf(error) };
  const status = Object.hasOwn(statuses, error.name) ? statuses[error.name] : undefined;
  if (status !== undefined) return { status, message: error.message };
  if (error.name === 'ServiceError')
    return {
      status: 503,
      message: 'Temporal does not answer. Runs and leases continue, and bill within their limits.',
    };
  if (error.name === 'RunStoreError')
    return { status: 503, message: "The run store fails. The server's log says why.", logged: error.message };
  return { status: 500, message: 'The server failed. Its log says why.', logged: error.stack ?? error.message };
}

function sentenceOf({ status, message }: HTTPException): string {
  if (status === 415) return 'Send the body as JSON, with the header "Content-Type: application/json".';
  return message;
}

/** Returns a text without the place of the run store. A worker that shares the disk names it where it says what failed. */
export function withoutStore(runs: Pick<RunStore, 'location'>, text: string): string {
  const folder = runs.location('run').slice(0, -'run'.length);
  return text.replaceAll(folder, '').replaceAll(folder.slice(0, -1), 'The run store');
}
