import { durationSeconds } from '@gpu-clouds/jobs';
import { CliError } from './cli-error.ts';

/**
 * Returns the duration in seconds.
 * @throws {CliError} when the text is not a duration; the message names the option
 */
export function durationOption(name: string, text: string): number {
  try {
    return durationSeconds(text);
  } catch (error) {
    throw new CliError(`${name}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
