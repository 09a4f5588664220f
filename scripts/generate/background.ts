import { parentPort, Worker } from 'node:worker_threads';
import { GenerationError } from './generation-error.ts';

interface Call {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

interface Answer<Output> {
  readonly id: number;
  readonly output?: Output;
  /** The message of a GenerationError. */
  readonly refusal?: string;
  /** Any other error. */
  readonly failure?: unknown;
}

interface Waiting {
  readonly resolve: (output: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A thread that a module runs in. It does not keep the process alive between calls. */
export class Background {
  readonly #module: URL;
  readonly #pending = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #calls = 0;

  /** @param module calls {@link serve} */
  constructor(module: URL) {
    this.#module = module;
  }

  /** Starts the thread, so that it loads its modules before the first call. */
  start(): Worker {
    this.#worker ??= this.#started();
    return this.#worker;
  }

  /** Returns a function that the module serves under this name. */
  function<Input, Output>(name: string): (input: Input) => Promise<Output> {
    return (input) =>
      new Promise<Output>((resolve, reject) => {
        this.#calls += 1;
        this.#pending.set(this.#calls, { resolve, reject });
        const thread = this.start();
        thread.ref();
        thread.postMessage({ id: this.#calls, name, input } satisfies Call);
      });
  }

  #started(): Worker {
    // Without this, Node parses the 9 MB of the TypeScript compiler once more, to learn that it is no ES module.
    const worker = new Worker(this.#module, { execArgv: ['--no-experimental-detect-module'] });
    worker.on('message', ({ id, output, refusal, failure }: Answer<never>) => {
      const waiting = this.#settle(id);
      if (refusal !== undefined) waiting?.reject(new GenerationError(refusal));
      else if (output === undefined) waiting?.reject(failure);
      else waiting?.resolve(output);
    });
    worker.on('error', (error) => {
      this.#worker = undefined;
      for (const id of this.#pending.keys()) this.#settle(id)?.reject(error);
    });
    // After the listeners: each of them lets the thread keep the process alive.
    worker.unref();
    return worker;
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
    return waiting;
  }
}

/** Serves functions to the thread that started this one. */
export function serve(functions: Readonly<Record<string, (input: never) => Promise<unknown>>>): void {
  const answer = (reply: Answer<unknown>) => parentPort?.postMessage(reply);
  parentPort?.on('message', ({ id, name, input }: Call & { readonly input: never }) => {
    const run = functions[name] ?? (() => Promise.reject(new Error(`No function ${name}.`)));
    run(input).then(
      (output) => answer({ id, output }),
      (error: unknown) =>
        answer(error instanceof GenerationError ? { id, refusal: error.message } : { id, failure: error }),
    );
  });
}
