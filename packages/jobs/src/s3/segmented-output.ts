import type { Bucket } from './bucket.ts';

/** Output is cut at multiples of this many bytes: an object holds the beginning of one such segment, or all of it. */
export const segmentBytes = 1024 * 1024;
/** Segments that are being filled, of which this process remembers what is stored. */
const mostTails = 100;
/** More than any output has, in bytes. */
const beyond = 10 ** 15;

/** A segment as it is stored. */
interface Tail {
  readonly segment: number;
  readonly bytes: Buffer;
  /** Of the objects that hold it or less of it. */
  readonly keys: readonly string[];
}

/**
 * Output as objects, which cannot be appended to. A segment that grows is written again as a whole, under a key that says how far it
 * goes, and what held less of it is removed: so the objects are as many as there are MiB, whoever dies leaves one too many, and one that
 * goes further is never overwritten by a worker that thinks itself still in charge. Keys sort by their ends, the last one first:
 * one listing of one key tells the size.
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

  /** The key of what holds the end of the output. */
  async #last(folder: string): Promise<string | undefined> {
    for await (const { key } of this.#bucket.list(`${folder}/`, { limit: 1 })) return key;
    return undefined;
  }

  async #writeInto(folder: string, segment: number, from: number, piece: Uint8Array): Promise<void> {
    const known = this.#tails.get(folder);
    // What this process knows may be behind what another one has stored. It serves as long as no gap would come of it.
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

  /** A segment that is complete takes one call, one that still grows three. */
  async #load(folder: string, segment: number): Promise<Tail> {
    const whole = keyOf(folder, segment, segmentBytes);
    const complete = await this.#content(whole);
    if (complete !== undefined) return { segment, bytes: complete, keys: [whole] };
    for (;;) {
      const keys = await this.#keysOf(folder, segment);
      const [longest] = keys;
      if (longest === undefined) return { segment, bytes: Buffer.alloc(0), keys };
      const bytes = await this.#content(longest);
      // Gone since the look: there is one that goes further.
      if (bytes !== undefined) return { segment, bytes, keys };
    }
  }

  /** The one that goes furthest first. */
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
    if (this.#tails.size > mostTails && oldest !== undefined) this.#tails.delete(oldest);
  }
}

/** A copy of at least so many bytes; what was never written is zeros. */
function filled(bytes: Buffer, length: number): Buffer {
  const all = Buffer.alloc(Math.max(bytes.byteLength, length));
  all.set(bytes);
  return all;
}

/** `<folder>/<rank>.<begin>-<end>`, in bytes of the output. */
function keyOf(folder: string, segment: number, length: number): string {
  const begin = segment * segmentBytes;
  return `${folder}/${rank(begin + length)}.${begin}-${begin + length}`;
}

function rank(end: number): string {
  return String(beyond - end).padStart(15, '0');
}

function endOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1));
}
