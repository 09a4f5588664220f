import { parentPort, Worker } from 'node:worker_threads';
import { GenerationError } from './generation-error.ts';

interface Call<Input> {
  readonly id: number;
  readonly input: Input;
}

interface Answer<Output> {
  readonly id: number;
  readonly output?: Output;
  /** The message of a GenerationError. */
  readonly refusal?: string;
  /** Any other error. */
  readonly failure?: unknown;
}

/** A function that runs in a thread of its own. */
export interface Background<Input, Output> {
  /** Starts the thread, so that it loads its modules before the first call. */
  readonly start: () => void;
  readonly call: (input: Input) => Promise<Output>;
}

/** Returns the function that a module serves with {@link serve}. Its thread does not keep the process alive between calls. */
export function background<Input, Output>(module: URL): Background<Input, Output> {
  const pending = new Map<number, PromiseWithResolvers<Output>>();
  let worker: Worker | undefined;
  let calls = 0;

  const settle = (id: number): PromiseWithResolvers<Output> | undefined => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (pending.size === 0) worker?.unref();
    return waiting;
  };
  const start = (): Worker => {
    if (worker !== undefined) return worker;
    // Without this, Node parses the 9 MB of the TypeScript compiler once more, to learn that it is no ES module.
    const started = new Worker(module, { execArgv: ['--no-experimental-detect-module'] });
    started.on('message', ({ id, output, refusal, failure }: Answer<Output>) => {
      if (refusal !== undefined) settle(id)?.reject(new GenerationError(refusal));
      else if (output === undefined) settle(id)?.reject(failure);
      else settle(id)?.resolve(output);
    });
    started.on('error', (error) => {
      worker = undefined;
      for (const id of pending.keys()) settle(id)?.reject(error);
    });
    // After the listeners: each of them lets the thread keep the process alive.
    started.unref();
    worker = started;
    return started;
  };
  return {
    start: () => void start(),
    call: (input) => {
      const waiting = Promise.withResolvers<Output>();
      calls += 1;
      pending.set(calls, waiting);
      const thread = start();
      thread.ref();
      thread.postMessage({ id: calls, input } satisfies Call<Input>);
      return waiting.promise;
    },
  };
}

/** Serves a function to the thread that started this one. */
export function serve<Input, Output>(run: (input: Input) => Promise<Output>): void {
  const answer = (reply: Answer<Output>) => parentPort?.postMessage(reply);
  parentPort?.on('message', ({ id, input }: Call<Input>) => {
    run(input).then(
      (output) => answer({ id, output }),
      (error: unknown) =>
        answer(error instanceof GenerationError ? { id, refusal: error.message } : { id, failure: error }),
    );
  });
}
