import { once } from 'node:events';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { CliError, exitCodes } from './cli-error.ts';
import { pause, type Terminal } from './terminal.ts';

/** Milliseconds between two attempts to reach Temporal again, and until a command gives up. */
const [retryMs, giveUpMs] = [2000, 15 * 60_000];

/** gRPC: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, UNAVAILABLE. */
const lostCodes: readonly number[] = [1, 2, 4, 14];

/** Whether an error of Temporal's client says that the server cannot be reached. */
export function isTemporalLost(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && lostCodes.includes(cause.code);
}

/** Says when Temporal is lost while something runs and bills, and when it answers again. */
export class TemporalLoss {
  readonly #id: string;
  readonly #look: string;
  readonly #terminal: Pick<Terminal, 'note' | 'signal' | 'wait'>;
  #since: number | undefined;

  /**
   * @param id Name of what runs and bills.
   * @param look Command that shows it.
   */
  constructor(id: string, look: string, terminal: Pick<Terminal, 'note' | 'signal' | 'wait'>) {
    this.#id = id;
    this.#look = look;
    this.#terminal = terminal;
  }

  /** Call this after each answer of Temporal. */
  answered(): void {
    if (this.#since !== undefined) this.#terminal.note('Temporal answers again.');
    this.#since = undefined;
  }

  /**
   * Waits before the next attempt, or until the signal aborts.
   * @throws the error, if it is not about the connection
   * @throws {CliError} when Temporal has not answered for 15 minutes
   */
  async failed(error: unknown): Promise<void> {
    const { note, signal } = this.#terminal;
    if (signal.aborted) return;
    if (!isTemporalLost(error)) throw error;
    if (this.#since === undefined)
      note(`gpu-clouds: Temporal does not answer. ${this.#id} continues, and bills until its limits. Trying again…`);
    this.#since ??= Date.now();
    if (Date.now() - this.#since > giveUpMs) {
      throw new CliError(
        `Temporal has not answered for 15 minutes. ${this.#id} may still run and bill. Run "${this.#look}" once Temporal answers, or "gpu-clouds reap --no-temporal" for instances past their deadline.`,
        { cause: error, exitCode: exitCodes.unreachable },
      );
    }
    await pause(this.#terminal, retryMs);
  }

  /**
   * Makes a call again while Temporal does not answer.
   * @throws what {@link failed} throws, and the reason of the terminal's signal as soon as it aborts
   */
  async persist<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await this.unlessAborted(call);
        this.answered();
        return result;
      } catch (error) {
        await this.failed(error);
        this.#terminal.signal.throwIfAborted();
      }
    }
  }

  /**
   * Makes a call. Temporal's client does not end one that it is about to make again, so the terminal's signal wins here.
   * @throws the reason of the signal as soon as it aborts
   */
  async unlessAborted<T>(call: () => Promise<T>): Promise<T> {
    const { signal } = this.#terminal;
    signal.throwIfAborted();
    const settled = new AbortController();
    const aborted = once(signal, 'abort', settled).then(() => Promise.reject(signal.reason));
    try {
      return await Promise.race([call(), aborted]);
    } finally {
      settled.abort();
    }
  }
}
