import { isAbsolute, relative, sep } from 'node:path';

/** A path and the folder that it must be in, either both as written or both with links resolved. */
export interface Placed {
  readonly folder: string;
  readonly path: string;
}

/** Returns whether the path is the folder or inside it. Both must be absolute. */
export function isInside({ folder, path }: Placed): boolean {
  const rest = relative(folder, path);
  return !isAbsolute(rest) && rest !== '..' && !rest.startsWith(`..${sep}`);
}

/** Returns why a file cannot be uploaded. A job file from someone else must not upload private files of the person who runs it. */
export function outsideMessage({ folder, path }: Placed): string {
  return `leads to ${path}, outside ${folder}: only files in the folder of the job file can be uploaded`;
}
