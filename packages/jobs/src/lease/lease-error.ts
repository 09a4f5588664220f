/** A lease cannot be started, found, extended, released, or used. The message says why. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError';
}
