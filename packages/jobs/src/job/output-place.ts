/** An entry of `files.down`. */
interface DownEntry {
  /** File or folder on the instance. */
  readonly from: string;
  /** Its place, or with a slash at its end the folder that it goes into. */
  readonly to: string;
}

/** Where in the run's outputs a file or folder that is copied back ends up, without what means nothing in a path. */
export function outputPlace({ from, to }: DownEntry): string {
  const last = from.split('/').findLast((name) => name !== '') ?? '';
  return namesIn(to.endsWith('/') ? `${to}${last}` : to).join('/');
}

/** The first two entries of which one would overwrite the other, or be mixed with it, by their places in the list. */
export function collision(down: readonly DownEntry[]): readonly [first: number, second: number] | undefined {
  const places = down.map((entry) => namesIn(outputPlace(entry)));
  for (const [second, inner] of places.entries()) {
    const first = places.slice(0, second).findIndex((outer) => isWithin(inner, outer) || isWithin(outer, inner));
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
