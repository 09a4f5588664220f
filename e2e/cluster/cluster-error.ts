/** Thrown when the cluster cannot be set up. The message has the reason and the next step. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
