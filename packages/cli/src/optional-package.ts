import { sep } from 'node:path';
import { CliError } from './cli-error.ts';

/**
 * Loads a module from an optional package.
 * @param from Folder of this module. What is installed elsewhere cannot be loaded.
 * @throws {CliError} when the package is not installed; the message has the command that installs it
 */
export async function loadOptional<T>(
  name: string,
  load: () => Promise<T>,
  from: string = import.meta.dirname,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    const install = isGlobal(from) ? 'npm install --global' : 'npm install';
    throw new CliError(`This command requires the package ${name}. Install it with "${install} ${name}".`, {
      cause: error,
    });
  }
}

/** Whether this package is installed for all projects: not in the working directory or above it. */
function isGlobal(from: string): boolean {
  const [project, inside] = from.split(`${sep}node_modules${sep}`);
  return inside !== undefined && !`${process.cwd()}${sep}`.startsWith(`${project}${sep}`);
}

function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(`'${name}'`)
  );
}
