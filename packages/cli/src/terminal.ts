import { setTimeout as delay } from 'node:timers/promises';

/** A choice of {@link Prompts.select}. */
export interface Choice<T extends string> {
  readonly value: T;
  /** What the choice does, in a few words. */
  readonly label: string;
}

/** Questions to the person at the terminal. A cancelled question (Ctrl-C, Esc) has no answer. */
export interface Prompts {
  /** Asks a yes-no question. The default is no. */
  confirm(message: string): Promise<boolean | undefined>;
  /** Asks for one of several choices. The default is the first. */
  select<T extends string>(message: string, choices: readonly Choice<T>[]): Promise<T | undefined>;
  /** Asks for text. Enter alone answers `initial`. */
  text(message: string, initial: string): Promise<string | undefined>;
}

/** Why the signal of a terminal aborts. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  /** Ctrl-C of a person, a request of another program, or a closed standard output. */
  readonly by: 'person' | 'program' | 'closed output';

  constructor(by: InterruptedError['by'] = 'program') {
    super('Interrupted.');
    this.by = by;
  }
}

/** The environment, streams, and abort signal of a command. Commands use nothing else of the process. */
export interface Terminal {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file of the settings in `env` that come from no environment variable, and their names. */
  readonly settingsFile?: { readonly path: string; readonly names: readonly string[] } | undefined;
  /** Writes one line of the result to standard output. */
  readonly out: (line: string) => void;
  /** Writes one line of progress, notes, or errors to standard error. */
  readonly note: (line: string) => void;
  /** Writes program output to standard output: unchanged, or, on a terminal, with its control characters escaped. */
  readonly raw: (bytes: Uint8Array) => void;
  /** Like `raw`, to standard error. */
  readonly rawError: (bytes: Uint8Array) => void;
  /** Aborted on SIGINT and SIGTERM, and when standard output is closed, with an {@link InterruptedError}. */
  readonly signal: AbortSignal;
  /** Returns a signal for the next interrupt, for a command that goes on after the first one. Absent if no person can interrupt. */
  readonly nextInterrupt?: (() => AbortSignal) | undefined;
  /** Columns of standard output. Absent if it is not a terminal. */
  readonly columns?: number | undefined;
  /** Which streams show colors. Default: none. */
  readonly colors?: { readonly out: boolean; readonly note: boolean } | undefined;
  /** Reads standard input to its end. Absent in tests without input. */
  readonly stdin?: (() => Promise<string>) | undefined;
  /**
   * Shows one line below all others until it is called again, and renders it again a few times each second. Absent if standard error is not
   * a terminal.
   */
  readonly status?: ((render: (() => string) | undefined) => void) | undefined;
  /** Absent if standard input or standard error is not a terminal. */
  readonly prompts?: Prompts | undefined;
  /** Waits for a time in milliseconds. Default: by the clock. */
  readonly wait?: ((milliseconds: number) => Promise<void>) | undefined;
}

/** Waits for a time, or until the signal of the terminal aborts. */
export async function pause({ wait, signal }: Pick<Terminal, 'wait' | 'signal'>, milliseconds: number): Promise<void> {
  if (wait !== undefined) return wait(milliseconds);
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
