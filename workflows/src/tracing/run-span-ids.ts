import { randomBytes } from 'node:crypto';

/**
 * Ids of spans and traces, by chance, but for a workflow's: its activities have named that as their parent long before it ends and
 * becomes a span. Of the form of OpenTelemetry SDK's `IdGenerator`.
 */
export class RunSpanIds {
  #next: string | undefined;

  /** 32 hexadecimal digits, by chance. */
  generateTraceId(): string {
    return randomBytes(16).toString('hex');
  }

  /** 16 hexadecimal digits: by chance, or what {@link RunSpanIds.with} asks for. */
  generateSpanId(): string {
    const id = this.#next ?? randomBytes(8).toString('hex');
    this.#next = undefined;
    return id;
  }

  /** The next span that `start` starts, which has to be at once, has this id. */
  with<T>(spanId: string, start: () => T): T {
    this.#next = spanId;
    try {
      return start();
    } finally {
      this.#next = undefined;
    }
  }
}
