import { isAbsolute, relative, sep } from 'node:path';

/** Where a file is, and the folder that it has to be in, both as they are written or both with links resolved. */
export interface Placed {
  readonly folder: string;
  readonly path: string;
}

/** Whether the path is the folder or in it. Both are absolute. */
export function isInside({ folder, path }: Placed): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

/** Why a file cannot be uploaded. A job file may come from anybody: it must not bring files of whoever runs it to an instance. */
export function leadsOut({ folder, path }: Placed): string {
  return `leads to ${path}, outside ${folder}: only files in the folder of the job file can be uploaded`;
}
