import { CommanderError } from '@commander-js/extra-typings';
import { CliError, exitCodeOfError, exitCodes } from './cli-error.ts';
import { createProgram } from './program/program.ts';
import type { Terminal } from './terminal.ts';

/**
 * Parses the arguments, runs one command, and reports an error as one message.
 * @returns the exit code: one of {@link exitCodes}, or that of the job's command
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = exitCodes.success;
  const program = createProgram(argv, terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    terminal.status?.(undefined);
    if (terminal.signal.aborted && !(error instanceof CliError)) return exitCodes.interrupted;
    terminal.note(`gpu-clouds: ${messageOf(error, terminal)}`);
    return exitCodeOfError(error);
  }
}

/** Returns the message of an error, or its stack trace when GPU_CLOUDS_DEBUG is set. */
function messageOf(error: unknown, terminal: Terminal): string {
  if (!(error instanceof Error)) return String(error);
  return terminal.env.GPU_CLOUDS_DEBUG && error.stack !== undefined ? error.stack : error.message;
}
