import { type SupervisedOptions, type SupervisedProcess, startSupervised } from './supervised-process.ts';

/** A program, and the arguments it is started with. */
export type Command = readonly [program: string, ...args: readonly string[]];

/** A supervised program that has said, as one line of JSON on its standard output, that it is ready. */
export interface ReadyProgram extends Omit<SupervisedProcess, 'pid' | 'firstLine' | 'lastLine'> {
  /** Process id of the program itself. */
  readonly pid: number;
  /** The line, parsed. */
  readonly ready: unknown;
}

/** A program of the stack ended before it was ready. The message holds its last words. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches only us and we stop it in order.
 * @param name What a person calls it.
 * @throws ProgramError with the program's last words when it ends before it is ready
 */
export async function startReady(
  name: string,
  [program, ...args]: Command,
  options: SupervisedOptions = {},
): Promise<ReadyProgram> {
  const supervised = startSupervised(program, args, options);
  const ready = await supervised.firstLine;
  if (ready === undefined)
    throw new ProgramError(`The ${name} did not start: ${supervised.lastLine ?? 'it said nothing'}`);
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
