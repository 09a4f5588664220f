import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Attempt, Cost } from './measured.ts';

const program = fileURLToPath(new URL('measured.ts', import.meta.url));

/** A process that does what a worker does, and is replaced when it dies of it. */
export class MeasuredWorker {
  #child: ChildProcess | undefined;

  /** @throws {Error} The process died. */
  async costOf(attempt: Attempt): Promise<Cost> {
    this.#child ??= fork(program, { execArgv: ['--expose-gc'], env: { ...process.env, NODE_NO_WARNINGS: '1' } });
    const child = this.#child;
    const over = new AbortController();
    const answered = once(child, 'message', over).then(([cost]): Cost => cost);
    const died = once(child, 'exit', over).then(([code, signal]) => {
      this.#child = undefined;
      throw new Error(`The process died: ${signal ?? `exit code ${code}`}.`);
    });
    died.catch(() => undefined);
    child.send(attempt);
    return Promise.race([answered, died]).finally(() => over.abort());
  }

  close(): void {
    this.#child?.kill('SIGKILL');
  }
}
