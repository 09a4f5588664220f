import { CliError } from './cli-error.ts';

/**
 * Loads a module from an optional package.
 * @throws {CliError} when the package is not installed; the message has the command that installs it
 */
export async function loadOptional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    throw new CliError(`This command requires the package ${name}. Install it with "npm install ${name}".`, {
      cause: error,
    });
  }
}

function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
