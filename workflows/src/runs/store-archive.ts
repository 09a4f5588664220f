import { isUtf8 } from 'node:buffer';
import { pipeline } from 'node:stream/promises';
import { type RunStore, RunStoreError } from '@gpu-clouds/jobs';
import { storedPath } from '@gpu-clouds/jobs/worker';
import { extract, type Header } from 'tar-stream';
import { OutputQuota } from './output-quota.ts';

/** Bytes up to which files are held in memory, so as to store some at a time: a far store takes its time for each, however small. */
const small = 1024 * 1024;
const atATime = 8;
/** Names come byte by byte: as UTF-8, different ones that are not UTF-8 would become one. The types lack this option. */
const byteNames: Parameters<typeof extract>[0] & { readonly filenameEncoding: string } = { filenameEncoding: 'latin1' };

/**
 * Stores the files of a tar archive in a folder of a run, one by one. What is no file is left out: links lead anywhere.
 * @param quota Counts files, and what links add to the bytes of the archive. It ends the storing by throwing.
 * @returns how many there were
 * @throws RunStoreError, a lasting one, when a name in the archive leads out of the folder: then nobody meant well.
 */
export async function storeArchive(
  runs: RunStore,
  run: string,
  folder: string,
  archive: AsyncIterable<Uint8Array>,
  quota = new OutputQuota(Number.POSITIVE_INFINITY),
): Promise<number> {
  const entries = extract(byteNames);
  const fed = pipeline(archive, entries);
  fed.catch(() => undefined);
  let count = 0;
  const under: Promise<void>[] = [];
  try {
    for await (const entry of entries) {
      const { type, size, mode } = entry.header;
      const name = nameIn(entry.header, 'name', 'path');
      if (type === 'file' || type === 'contiguous-file') {
        quota.addFile();
        const path = pathIn(folder, name);
        const content = bytesOf(entry);
        const options = { executable: (mode & 0o100) !== 0 };
        if (size <= small) under.push(held(runs.putFile(run, path, again(await gathered(content)), options)));
        else await runs.putFile(run, path, content, options);
        count += 1;
      }
      if (under.length === atATime || type === 'link') await Promise.all(under.splice(0));
      // Another name of a file that came before.
      if (type === 'link') {
        quota.addFile();
        const target = pathIn(folder, nameIn(entry.header, 'linkname', 'linkpath'));
        const options = await runs.statFile(run, target);
        await runs.putFile(run, pathIn(folder, name), quota.counted(runs.readFile(run, target)), options);
        count += 1;
      }
      entry.resume();
    }
    await fed;
    await Promise.all(under);
  } finally {
    await Promise.allSettled(under);
  }
  return count;
}

/** Its failure is seen when it is waited for. */
function held(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

async function gathered(content: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return pieces;
}

async function* again(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* pieces;
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of entry) if (piece instanceof Uint8Array) yield piece;
}

/** Returns a name as UTF-8. In one that is not, each byte outside ASCII becomes `%` and two digits, so that every file keeps a name of its own. */
function nameIn(header: Header, field: 'name' | 'linkname', paxField: string): string {
  // A link may have no target, whatever the types say.
  const name = header[field] ?? '';
  // A PAX header has UTF-8, and is decoded already.
  if (Object.hasOwn(Object(header.pax), paxField)) return name;
  const bytes = Buffer.from(name, 'latin1');
  if (isUtf8(bytes)) return bytes.toString();
  return name.replace(/[^ -~]|%/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`);
}

function pathIn(folder: string, name: string): string {
  if (name.split('/').includes('..') || name.includes('\0')) {
    const quoted = JSON.stringify(name.slice(0, 200));
    throw new RunStoreError(`The instance sent a file ${quoted}, which would lead out of ${folder}.`, {
      lasting: true,
    });
  }
  return storedPath(`${folder}/${name}`);
}
