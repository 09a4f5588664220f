/** Something the maintainer can put right. Its message is shown as it is, without a stack. */
export class GenerationError extends Error {
  override readonly name = 'GenerationError';
}
