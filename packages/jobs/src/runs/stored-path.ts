const folders: ReadonlySet<string> = new Set(['outputs', 'checkpoints']);

/**
 * The path of a file or folder of a run, without what means nothing in it.
 * @throws RangeError when it would lead out of the run's outputs and checkpoints.
 */
export function storedPath(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (path.startsWith('/') || path.includes('\0') || names.includes('..') || !folders.has(names[0] ?? '')) {
    throw new RangeError(`${JSON.stringify(path)} is no path in outputs/ or checkpoints/ of a run.`);
  }
  return names.join('/');
}

/**
 * The id of a run, which is the name of a folder: nothing that could lead out of it.
 * @throws RangeError
 */
export function runFolder(run: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(run)) {
    throw new RangeError(`"${run}" is no id of a run: use letters, digits, dots, hyphens and underscores.`);
  }
  return run;
}
