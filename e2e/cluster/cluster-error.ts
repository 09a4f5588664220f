/** The cluster could not be set up. The message says why, and what to do. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
