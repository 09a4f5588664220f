import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type RunStore, RunStoreError } from '@gpu-clouds/jobs';

/**
 * Yields the tar archive of an input.
 * @throws {RunStoreError} There is no such input, or its content is not what its id says; both are lasting.
 */
export async function* readInput(runs: RunStore, id: string): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(runs.inputs.read(id), { objectMode: false });
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  const hash = createHash('sha256');
  try {
    for await (const piece of source.pipe(gunzip)) {
      hash.update(piece);
      yield piece;
    }
  } catch (error) {
    throw isBadArchive(error) ? damaged(id, error) : error;
  } finally {
    source.destroy();
  }
  if (hash.digest('hex') !== id) throw damaged(id);
}

/** zlib's own errors have codes such as `Z_DATA_ERROR`. */
function isBadArchive(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function damaged(id: string, cause?: unknown): RunStoreError {
  const message = `The input ${id} is damaged in the run store. Remove it there, upload it again, and start a new run.`;
  return new RunStoreError(message, { lasting: true, cause });
}
