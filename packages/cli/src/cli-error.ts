/** An error that the user can fix. It is shown as its message, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
}
