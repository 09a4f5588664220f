import { type SupervisedOptions, type SupervisedProcess, startSupervised } from './supervised-process.ts';

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: readonly string[]];

/** A supervised program that has reported, as one line of JSON on its standard output, that it is ready. */
export interface ReadyProgram extends Omit<SupervisedProcess, 'pid' | 'firstLine' | 'lastLine'> {
  /** Process ID of the program. */
  readonly pid: number;
  /** The parsed line of JSON. */
  readonly ready: unknown;
}

/** Thrown when a program exits before it is ready. The message contains its last line of output. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/**
 * Starts a program and waits for its first line of output, which must be JSON. The program runs in its own process group, so that Ctrl-C
 * reaches only this process, which then stops its programs in order.
 * @param name Name of the program in error messages.
 * @throws {ProgramError} when the program exits before it is ready
 */
export async function startReady(
  name: string,
  [program, ...args]: Command,
  options: SupervisedOptions = {},
): Promise<ReadyProgram> {
  const supervised = startSupervised(program, args, options);
  const ready = await supervised.firstLine;
  if (ready === undefined)
    throw new ProgramError(`The ${name} did not start: ${supervised.lastLine ?? 'it printed no output'}`);
  return {
    pid: await supervised.pid,
    ready: JSON.parse(ready),
    exited: supervised.exited,
    get running() {
      return supervised.running;
    },
    kill: () => supervised.kill(),
    close: () => supervised.close(),
  };
}
