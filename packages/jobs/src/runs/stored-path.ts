const folders: ReadonlySet<string> = new Set(['outputs', 'checkpoints']);

/**
 * Returns the path of a file or folder of a run in its normal form, without empty names and `.`.
 * @throws {RangeError} It leads out of the run's `outputs/` and `checkpoints/`.
 */
export function storedPath(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (path.startsWith('/') || path.includes('\0') || names.includes('..') || !folders.has(names[0] ?? '')) {
    throw new RangeError(
      `${JSON.stringify(path)} is not a path of a run. Use a relative path that begins with outputs/ or checkpoints/, without "..".`,
    );
  }
  return names.join('/');
}

/**
 * Returns the folder name of a run, which is its id.
 * @throws {RangeError} The id is invalid and could lead to another folder.
 */
export function runFolder(run: string): string {
  if (!isRunId(run)) {
    throw new RangeError(`"${run}" cannot be a run's id. Use letters, digits, dots, hyphens, colons, and underscores.`);
  }
  return run;
}

/** Returns whether a folder of a store can be a run's. Temporal puts a time with colons into the ids of scheduled runs. */
export function isRunId(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9.:_-]*$/.test(name);
}

/**
 * Returns the file name of an input.
 * @throws {RangeError} The id is not a SHA-256 in lowercase hex.
 */
export function inputFile(id: string): string {
  if (!inputIdPattern.test(id)) {
    throw new RangeError(
      `${JSON.stringify(id)} is not the id of an input. Use the id that "gpu-clouds upload" prints.`,
    );
  }
  return `${id}${inputExtension}`;
}

/** Returns the id of the input with this file name, or undefined if the file is something else. */
export function inputIdOf(file: string): string | undefined {
  const id = file.slice(0, -inputExtension.length);
  return file.endsWith(inputExtension) && inputIdPattern.test(id) ? id : undefined;
}

/**
 * Returns the file name of a token.
 * @throws {RangeError} The name is invalid.
 */
export function tokenFile(name: string): string {
  if (!tokenNamePattern.test(name)) {
    throw new RangeError(
      `${JSON.stringify(name)} cannot be a token's name. Use up to 60 letters, digits, and hyphens, and start with a letter or digit.`,
    );
  }
  return `${name}${tokenExtension}`;
}

/** Returns the name of the token with this file name, or undefined if the file is something else. */
export function tokenNameOf(file: string): string | undefined {
  const name = file.slice(0, -tokenExtension.length);
  return file.endsWith(tokenExtension) && tokenNamePattern.test(name) ? name : undefined;
}

const tokenNamePattern = /^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/;
const tokenExtension = '.json';

/** SHA-256 in lowercase hex. */
export const inputIdPattern = /^[0-9a-f]{64}$/;
const inputExtension = '.tar.gz';
