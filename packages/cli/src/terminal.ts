/** Where a command reads its settings and writes its answer. Commands touch nothing else of the process. */
export interface Terminal {
  /** The environment that the command reads. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The answer itself: one call, one line. */
  readonly out: (line: string) => void;
  /** Notes beside the answer. */
  readonly note: (line: string) => void;
  /** Program output as it comes, with its own line ends. */
  readonly raw: (text: string) => void;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}
