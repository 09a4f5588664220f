import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { type RunStore, RunStoreError } from './run-store.ts';
import { storedPath } from './stored-path.ts';

/**
 * Stores the files of a tar archive in a folder of a run, one by one. What is no file is left out: links lead anywhere.
 * @throws RunStoreError, a lasting one, when a name in the archive leads out of the folder: then nobody meant well.
 */
export async function storeArchive(
  runs: RunStore,
  run: string,
  folder: string,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const entries = extract();
  const fed = pipeline(archive, entries);
  fed.catch(() => undefined);
  for await (const entry of entries) {
    const { name, type, linkname } = entry.header;
    if (type === 'file' || type === 'contiguous-file') await runs.putFile(run, pathIn(folder, name), bytesOf(entry));
    // Another name of a file that came before.
    if (type === 'link') {
      await runs.putFile(run, pathIn(folder, name), runs.readFile(run, pathIn(folder, linkname ?? '')));
    }
    entry.resume();
  }
  await fed;
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of entry) if (piece instanceof Uint8Array) yield piece;
}

function pathIn(folder: string, name: string): string {
  if (name.split('/').includes('..') || name.includes('\0')) {
    const quoted = JSON.stringify(name.slice(0, 200));
    throw new RunStoreError(`The machine sent a file ${quoted}, which would lead out of ${folder}.`, { lasting: true });
  }
  return storedPath(`${folder}/${name}`);
}
