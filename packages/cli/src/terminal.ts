/** The environment, output streams, and abort signal of a command. Commands use nothing else of the process. */
export interface Terminal {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line of the result to standard output. */
  readonly out: (line: string) => void;
  /** Writes one line of progress, notes, or errors to standard error. */
  readonly note: (line: string) => void;
  /** Writes program output to standard output: unchanged, or, on a terminal, with its control characters escaped. */
  readonly raw: (bytes: Uint8Array) => void;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
