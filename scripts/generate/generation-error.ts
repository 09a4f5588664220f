/** An error that a maintainer can correct. Its message is printed without a stack. */
export class GenerationError extends Error {
  override readonly name = 'GenerationError';
}
