import { RunStoreError } from '../runs/run-store.ts';
import type { Bucket } from './bucket.ts';

/** Size of all parts but the last, as some S3-compatible servers require. One part is sent while the next is collected. */
export const partBytes = 16 * 1024 * 1024;
/** S3's maximum number of parts. With parts of 16 MiB, a file can have up to 156 GiB. */
const maxParts = 10_000;

/** Stores content under a key: in one call if it fits into one part, otherwise as a multipart upload. The object appears once it is complete. */
export async function putContent(bucket: Bucket, key: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const parts = inParts(content);
  const first = await parts.next();
  const second = first.done ? first : await parts.next();
  if (second.done) return bucket.put(key, first.value ?? new Uint8Array());
  await abortBegun(bucket, key);
  const upload = await bucket.beginParts(key);
  let sending: Promise<unknown> = Promise.resolve();
  try {
    const tags: string[] = [];
    const send = (bytes: Uint8Array) => {
      const number = tags.push('');
      if (number > maxParts) throw tooLarge(key);
      const sent = bucket.putPart(key, upload, number, bytes).then((tag) => {
        tags[number - 1] = tag;
      });
      // It is awaited only after the next part has been collected, and may fail before that.
      sent.catch(() => undefined);
      return sent;
    };
    sending = send(first.value ?? new Uint8Array());
    let part: IteratorResult<Uint8Array, void> = second;
    while (!part.done) {
      await sending;
      sending = send(part.value);
      part = await parts.next();
    }
    await sending;
    await bucket.completeParts(key, upload, tags);
  } catch (error) {
    // A part that is still being sent would be stored after the upload was aborted.
    await sending.catch(() => undefined);
    await bucket.abortParts(key, upload).catch(() => undefined);
    throw error;
  } finally {
    await parts.return();
  }
}

/** Aborts uploads of a dead worker, whose invisible parts cost money. Without permission to list them, they are left to a lifecycle rule. */
async function abortBegun(bucket: Bucket, key: string): Promise<void> {
  const begun = await bucket.begunParts(key).catch(() => []);
  await Promise.all(begun.map((upload) => bucket.abortParts(key, upload).catch(() => undefined)));
}

async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let gathered: Uint8Array[] = [];
  let size = 0;
  for await (let bytes of content) {
    while (size + bytes.byteLength >= partBytes) {
      const fits = partBytes - size;
      yield Buffer.concat([...gathered, bytes.subarray(0, fits)]);
      bytes = bytes.subarray(fits);
      gathered = [];
      size = 0;
    }
    gathered.push(bytes);
    size += bytes.byteLength;
  }
  if (size > 0) yield Buffer.concat(gathered);
}

function tooLarge(key: string): RunStoreError {
  const gib = Math.floor((maxParts * partBytes) / 1024 ** 3);
  return new RunStoreError(`${key} is larger than ${gib} GiB, the maximum size of a file in S3. Split it.`, {
    lasting: true,
  });
}
