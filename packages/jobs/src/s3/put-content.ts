import { RunStoreError } from '../runs/run-store.ts';
import type { Bucket } from './bucket.ts';

/** All parts but the last have this size, as some S3-compatible servers want it. One is sent while the next is gathered. */
export const partBytes = 16 * 1024 * 1024;
/** S3's own limit: with parts of this size, files of 156 GiB. */
const mostParts = 10_000;

/** Stores content under a key: in one piece when it fits into a part, else in parts, which become an object when all of them are there. */
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
      if (number > mostParts) throw tooLarge(key);
      const sent = bucket.putPart(key, upload, number, bytes).then((tag) => {
        tags[number - 1] = tag;
      });
      // It is waited for after the next part has been gathered, and may fail before.
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
    // A part on its way would be stored after the rest was thrown away.
    await sending.catch(() => undefined);
    await bucket.abortParts(key, upload).catch(() => undefined);
    throw error;
  } finally {
    await parts.return();
  }
}

/** Parts of uploads that a dead worker had begun: nobody sees them, and they cost. Who may not look at them leaves them to a lifecycle rule. */
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
  const gib = Math.floor((mostParts * partBytes) / 1024 ** 3);
  return new RunStoreError(`${key} is larger than ${gib} GiB, the most that is stored in S3: split it.`, {
    lasting: true,
  });
}
