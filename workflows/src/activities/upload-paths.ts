import { access, realpath } from 'node:fs/promises';
import { isInside, leadsOut } from '@gpu-clouds/jobs/worker';
import { finalFailure } from './failures.ts';

interface Uploads {
  readonly folder?: string | undefined;
  readonly up: readonly { readonly from: string }[];
}

/**
 * Refuses to read what the job may not upload. `parseJob` has checked this where the job file is; links may lead elsewhere on this machine,
 * or have been changed since.
 * @throws ApplicationFailure, final
 */
export async function checkUploads({ folder, up }: Uploads): Promise<void> {
  if (up.length === 0) return;
  if (folder === undefined) {
    const message = 'The job uploads files, but not of which folder: make it with parseJob, or set files.folder.';
    throw finalFailure('invalid', message);
  }
  const realFolder = await readable(folder);
  for (const { from } of up) {
    const placed = { folder: realFolder, path: await readable(from) };
    if (!isInside(placed)) throw finalFailure('invalid', `The job uploads ${from}, which ${leadsOut(placed)}.`);
  }
}

/** @returns The path with all links resolved. */
async function readable(path: string): Promise<string> {
  try {
    await access(path);
    return await realpath(path);
  } catch {
    throw finalFailure('invalid', `The job uploads ${path}, which the worker cannot read.`);
  }
}
