/** A lease cannot be started, found, extended, released, or used. The message says why. */
export class LeaseError extends Error {
  override readonly name = 'LeaseError';
  /** Whether the reason is that the lease has ended. False if there may never have been such a lease. */
  readonly hasEnded: boolean;

  /** Creates the error. `hasEnded` is false by default. */
  constructor(message: string, { hasEnded = false, ...options }: ErrorOptions & { readonly hasEnded?: boolean } = {}) {
    super(message, options);
    this.hasEnded = hasEnded;
  }
}
