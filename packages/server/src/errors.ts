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
  RunStoreError: 503,
};

/** Returns the status and message that an error is answered with. An unexpected error is logged, and its message not given away. */
export function answerOf(error: Error): {
  readonly status: Status | HTTPException['status'];
  readonly message: string;
} {
  if (error instanceof HTTPException) return { status: error.status, message: error.message };
  const status = statuses[error.name];
  if (status !== undefined) return { status, message: error.message };
  if (error.name === 'ServiceError')
    return {
      status: 503,
      message: 'Temporal does not answer. Runs and leases continue, and bill within their limits.',
    };
  return { status: 500, message: 'The server failed. Its log says why.' };
}
