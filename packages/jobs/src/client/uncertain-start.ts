import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/**
 * Temporal did not answer whether it has begun what it was asked to: a run, a batch or a lease, which goes on and bills if it has. The
 * message says what to do.
 */
export class UncertainStartError extends Error {
  override readonly name = 'UncertainStartError';
  /** Of the run, batch or lease: `jobHandle`, `batchHandle` or `leaseHandle` finds it by this, if there is one. */
  readonly id: string;

  constructor(id: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.id = id;
  }
}

/** Of what may be asked for again under the same id, which is used once. @param seenBy The command that shows it. */
export function uncertainStart(what: 'run' | 'batch', id: string, seenBy: string, cause: Error): UncertainStartError {
  const message = `Temporal did not answer whether it has the ${what} "${id}". If it has, it goes on: see \`${seenBy}\`, or start it again under this id, which is refused then.`;
  return new UncertainStartError(id, message, { cause });
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
