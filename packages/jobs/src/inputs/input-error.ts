/** The files of a job cannot be uploaded. Nothing was started. The message says which file, why, and what to do. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
