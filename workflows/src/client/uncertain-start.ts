import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/**
 * Temporal did not answer whether it has begun what it was asked to: a run or a lease, which goes on and bills if it has. The message says
 * what to do.
 */
export class UncertainStartError extends Error {
  override readonly name = 'UncertainStartError';
  /** Of the run or the lease: `jobHandle`, or `leaseHandle`, finds it by this, if there is one. */
  readonly id: string;

  constructor(id: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.id = id;
  }
}

/** gRPC's codes of a call that may have taken effect: https://grpc.io/docs/guides/status-codes/. */
const lostAnswers: ReadonlySet<number> = new Set([
  1, // CANCELLED
  2, // UNKNOWN
  4, // DEADLINE_EXCEEDED
  13, // INTERNAL
  14, // UNAVAILABLE
  15, // DATA_LOSS
]);

/** @param error Of a call that starts a workflow. */
export function mayHaveStarted(error: unknown): error is ServiceError {
  return error instanceof ServiceError && isGrpcServiceError(error.cause) && lostAnswers.has(error.cause.code);
}
