import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/**
 * Temporal did not answer the request to start a run, batch, or lease. It may be running and cost money. The message says how to check
 * and what to do.
 */
export class UncertainStartError extends Error {
  override readonly name = 'UncertainStartError';
  /** Id of the run, batch, or lease that may have started, for `jobHandle`, `batchHandle`, or `leaseHandle`. */
  readonly id: string;

  constructor(id: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.id = id;
  }
}

/**
 * Returns the error for a run or batch. Its id can be used only once, so starting it again is safe.
 * @param seenBy The command that lists it.
 */
export function uncertainStart(what: 'run' | 'batch', id: string, seenBy: string, cause: Error): UncertainStartError {
  const message = `Temporal did not answer whether it has the ${what} "${id}". If it has, it is running. Check with "${seenBy}", or start it again with the same id: an id that is taken is refused.`;
  return new UncertainStartError(id, message, { cause });
}

/** gRPC status codes of a call that may have taken effect: https://grpc.io/docs/guides/status-codes/. */
const lostAnswers: ReadonlySet<number> = new Set([
  1, // CANCELLED
  2, // UNKNOWN
  4, // DEADLINE_EXCEEDED
  13, // INTERNAL
  14, // UNAVAILABLE
  15, // DATA_LOSS
]);

/**
 * Returns whether the workflow may have started even though the call failed.
 * @param error The error of a call that starts a workflow.
 */
export function mayHaveStarted(error: unknown): error is ServiceError {
  return error instanceof ServiceError && isGrpcServiceError(error.cause) && lostAnswers.has(error.cause.code);
}
