/** An entry of `files.down`. */
export interface DownEntry {
  /** File or folder on the instance. */
  readonly from: string;
  /** Destination in the outputs. With a trailing slash, the folder that the file or folder is put into. */
  readonly to: string;
}

/** Returns the destination of a copied-back file or folder in the run's outputs, without empty names and `.`. */
export function outputPath({ from, to }: DownEntry): string {
  const last = from.split('/').findLast((name) => name !== '') ?? '';
  return namesIn(to.endsWith('/') ? `${to}${last}` : to).join('/');
}

/** Returns the indexes of the first two entries whose destinations are equal or one inside the other. */
export function collision(down: readonly DownEntry[]): readonly [first: number, second: number] | undefined {
  const destinations = down.map((entry) => namesIn(outputPath(entry)));
  for (const [second, inner] of destinations.entries()) {
    const first = destinations.slice(0, second).findIndex((outer) => isWithin(inner, outer) || isWithin(outer, inner));
    if (first >= 0) return [first, second];
  }
  return undefined;
}

function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  return outer.every((name, index) => inner[index] === name);
}

function namesIn(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
