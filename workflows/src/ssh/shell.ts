/** One word of a POSIX shell, whatever is in it. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A path on the instance: relative ones start at the user's home, which is also where `~/` leads. */
export function remotePath(path: string): string {
  const inHome = path.startsWith('~/') ? path.slice(2) : path;
  return inHome.startsWith('/') ? quoteForShell(inHome) : `"$HOME"/${quoteForShell(inHome)}`;
}
