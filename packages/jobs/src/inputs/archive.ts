import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Header, type Pack, pack } from 'tar-stream';
import { InputError } from './input-error.ts';
import type { FileToUpload } from './list-files.ts';

/** The same for all files, so that the same content always gives the same archive. Not 1970: GNU tar warns of implausibly old files. */
const modifiedAt = new Date('2000-01-01T00:00:00Z');

/**
 * Yields a tar archive of the files. It is the same for the same names, contents, and execute bits. Each file has the size that it had when
 * it was listed: what was appended since is left out.
 * @throws {InputError} A file has become shorter or cannot be read.
 */
export async function* archiveOf(files: readonly FileToUpload[]): AsyncGenerator<Uint8Array, void, undefined> {
  const tar = pack();
  const filled = fill(tar, files);
  filled.catch((error) => tar.destroy(error));
  try {
    for await (const piece of tar) if (piece instanceof Uint8Array) yield piece;
    await filled;
  } catch (error) {
    // tar-stream reports a file of the wrong size before `fill` can say which.
    await filled;
    throw error;
  } finally {
    tar.destroy();
  }
}

async function fill(tar: Pack, files: readonly FileToUpload[]): Promise<void> {
  for (const file of files) {
    try {
      await add(tar, file);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InputError(`${file.path} changed or could not be read while it was uploaded: ${reason}. Try again.`, {
        cause: error,
      });
    }
  }
  tar.finalize();
}

function add(tar: Pack, { name, path, size, isFolder, executable }: FileToUpload): Promise<void> {
  const mode = isFolder || executable ? 0o755 : 0o644;
  const type = isFolder ? 'directory' : 'file';
  const header = { name, size, mode, mtime: modifiedAt, type } satisfies Partial<Header>;
  return new Promise((resolve, reject) => {
    const added = (error?: Error | null) => (error ? reject(error) : resolve());
    if (size === 0) tar.entry(header, '', added);
    else pipeline(createReadStream(path, { end: size - 1 }), tar.entry(header, added)).catch(reject);
  });
}
