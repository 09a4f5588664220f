import type { Bucket } from './bucket.ts';

/** Size of a segment in bytes. Output is split into segments; an object holds a whole segment, or its beginning. */
export const segmentBytes = 1024 * 1024;
/** Maximum number of unfinished segments whose stored content this process caches. */
const maxTails = 100;
/** An upper bound of the size of any output, in bytes. */
const maxOutputBytes = 10 ** 15;

/** The stored content of the last segment. */
interface Tail {
  readonly segment: number;
  readonly bytes: Buffer;
  /** Keys of the objects that hold the segment or its beginning. */
  readonly keys: readonly string[];
}

/**
 * Stores output as S3 objects, which cannot be appended to. A growing segment is written again as a whole, under a key that contains its
 * end, and then the shorter objects are removed. There is one object per MiB, plus at most one that a dead worker left behind. A stale
 * worker never overwrites a longer object, because its key differs. Keys sort by their ends in descending order, so that listing one
 * key is enough to know the size.
 */
export class SegmentedOutput {
  readonly #bucket: Bucket;
  readonly #tails = new Map<string, Tail>();

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  async size(folder: string): Promise<number> {
    const last = await this.#last(folder);
    return last === undefined ? 0 : endOf(last);
  }

  async write(folder: string, offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength; ) {
      const segment = Math.floor((offset + done) / segmentBytes);
      const from = offset + done - segment * segmentBytes;
      const piece = bytes.subarray(done, done + segmentBytes - from);
      await this.#writeInto(folder, segment, from, piece);
      done += piece.byteLength;
    }
  }

  async *read(folder: string, from: number): AsyncGenerator<Uint8Array, void, undefined> {
    const last = await this.#last(folder);
    if (last === undefined) return;
    const size = endOf(last);
    for (let offset = from; offset < size; ) {
      const segment = Math.floor(offset / segmentBytes);
      const inSegment = offset - segment * segmentBytes;
      const end = Math.min(size, (segment + 1) * segmentBytes);
      const likely = end === size ? last : keyOf(folder, segment, segmentBytes);
      const bytes =
        (await this.#content(likely, inSegment)) ?? (await this.#load(folder, segment)).bytes.subarray(inSegment);
      const piece = filled(bytes, end - offset);
      yield piece;
      offset += piece.byteLength;
    }
  }

  /** Returns the key of the object with the end of the output. */
  async #last(folder: string): Promise<string | undefined> {
    for await (const { key } of this.#bucket.list(`${folder}/`, { limit: 1 })) return key;
    return undefined;
  }

  async #writeInto(folder: string, segment: number, from: number, piece: Uint8Array): Promise<void> {
    const known = this.#tails.get(folder);
    // Another process may have stored more than this one knows. The cached content is good enough as long as it leaves no gap.
    const before =
      known?.segment === segment && known.bytes.byteLength >= from ? known : await this.#load(folder, segment);
    const bytes = filled(before.bytes, from + piece.byteLength);
    bytes.set(piece, from);
    if (bytes.equals(before.bytes)) return;
    const key = keyOf(folder, segment, bytes.byteLength);
    await this.#bucket.put(key, bytes);
    await Promise.all(before.keys.filter((old) => old !== key).map((old) => this.#bucket.remove(old)));
    this.#remember(folder, { segment, bytes, keys: [key] });
  }

  /** Loads a segment: one call if it is complete, three if it is still growing. */
  async #load(folder: string, segment: number): Promise<Tail> {
    const whole = keyOf(folder, segment, segmentBytes);
    const complete = await this.#content(whole);
    if (complete !== undefined) return { segment, bytes: complete, keys: [whole] };
    for (;;) {
      const keys = await this.#keysOf(folder, segment);
      const [longest] = keys;
      if (longest === undefined) return { segment, bytes: Buffer.alloc(0), keys };
      const bytes = await this.#content(longest);
      // Undefined means that the object was removed since it was listed, so there is a longer one.
      if (bytes !== undefined) return { segment, bytes, keys };
    }
  }

  /** Returns the keys of a segment, the longest object first. */
  async #keysOf(folder: string, segment: number): Promise<readonly string[]> {
    const keys: string[] = [];
    const after = `${folder}/${rank((segment + 1) * segmentBytes)}`;
    for await (const { key } of this.#bucket.list(`${folder}/`, { after, limit: 1000 })) {
      if (endOf(key) <= segment * segmentBytes) break;
      keys.push(key);
    }
    return keys;
  }

  async #content(key: string, from = 0): Promise<Buffer | undefined> {
    const content = await this.#bucket.get(key, from);
    if (content === undefined) return undefined;
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  #remember(folder: string, tail: Tail): void {
    this.#tails.delete(folder);
    this.#tails.set(folder, tail);
    const [oldest] = this.#tails.keys();
    if (this.#tails.size > maxTails && oldest !== undefined) this.#tails.delete(oldest);
  }
}

/** Returns a copy of at least `length` bytes, filled up with zeros. */
function filled(bytes: Buffer, length: number): Buffer {
  const all = Buffer.alloc(Math.max(bytes.byteLength, length));
  all.set(bytes);
  return all;
}

/** Returns `<folder>/<rank>.<begin>-<end>`, with offsets in bytes of the output. */
function keyOf(folder: string, segment: number, length: number): string {
  const begin = segment * segmentBytes;
  return `${folder}/${rank(begin + length)}.${begin}-${begin + length}`;
}

function rank(end: number): string {
  return String(maxOutputBytes - end).padStart(15, '0');
}

function endOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1));
}
