/** Exit codes of all commands, except that `run`, `wait`, and `exec` exit with the code of the command that they ran. */
export const exitCodes = {
  success: 0,
  /** Anything without a code of its own. */
  failure: 1,
  /** Unknown commands, wrong options, and invalid job or batch files. */
  usage: 2,
  /** There is no run, lease, or batch with this name. */
  notFound: 3,
  /** Credentials or the master secret are missing or refused. */
  credentials: 4,
  /** No offer matches. */
  noOffer: 5,
  /** Temporal does not answer. */
  unreachable: 6,
  /** A time limit ended the wait. */
  timeout: 7,
  /** Ctrl-C, SIGTERM, or a closed standard output. What was started continues. */
  interrupted: 130,
} as const;

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An error that the user can fix. It is shown as its message, without a stack trace. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(message: string, { exitCode = 1, ...options }: ErrorOptions & { readonly exitCode?: ExitCode } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Exit codes of errors of other packages, by name. The classes are not imported, because a command loads only what it needs. */
const codesByName: Readonly<Record<string, ExitCode>> = {
  JobNotFoundError: exitCodes.notFound,
  ReaperNotFoundError: exitCodes.notFound,
  ScheduleMissingError: exitCodes.notFound,
  JobError: exitCodes.usage,
  BatchFileError: exitCodes.usage,
  BatchError: exitCodes.usage,
  JobIdError: exitCodes.usage,
  JobScheduleError: exitCodes.usage,
  InputError: exitCodes.usage,
  TokenExistsError: exitCodes.usage,
  MasterSecretError: exitCodes.credentials,
};

/** Returns the exit code for an error that ended a command. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (!(error instanceof Error)) return exitCodes.failure;
  if ('kind' in error && error.kind === 'unauthorized') return exitCodes.credentials;
  return codesByName[error.name] ?? exitCodes.failure;
}
