/**
 * The part of protobuf's wire format that a few small messages need: varints, and fields with a length. It loads at once, while the module with
 * all messages of Temporal takes 100 ms. Source: https://protobuf.dev/programming-guides/encoding.
 */

/** What a field is encoded from. Absent values are left out. */
type Value = string | number | Uint8Array | undefined;

const [varint, fixed64, lengthDelimited, fixed32] = [0, 1, 2, 5];

/** Encodes a message from the numbers and values of its fields. Numbers are encoded as varints, so they must be integers from 0 to 2³²−1. */
export function encodeMessage(...fields: readonly (readonly [number: number, value: Value])[]): Uint8Array {
  return Buffer.concat(fields.flatMap(([number, value]) => (value === undefined ? [] : encodeField(number, value))));
}

function encodeField(number: number, value: string | number | Uint8Array): Uint8Array[] {
  if (typeof value === 'number') return [encodeVarint(number * 8 + varint), encodeVarint(value)];
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return [encodeVarint(number * 8 + lengthDelimited), encodeVarint(bytes.length), bytes];
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

/** The fields of an encoded message, by number. Fields with an unknown number are ignored. */
export class Fields {
  readonly #values = new Map<number, (number | Uint8Array)[]>();

  /** @throws RangeError when the bytes are no message */
  constructor(message: Uint8Array) {
    const cursor = new Cursor(message);
    while (!cursor.atEnd) {
      const key = cursor.varint();
      const [number, type] = [Math.floor(key / 8), key % 8];
      const values = this.#values.get(number) ?? [];
      this.#values.set(number, values);
      if (type === varint) values.push(cursor.varint());
      else if (type === lengthDelimited) values.push(cursor.bytes(cursor.varint()));
      else if (type === fixed64) cursor.bytes(8);
      else if (type === fixed32) cursor.bytes(4);
      else throw new RangeError(`A protobuf field of the unknown type ${type}.`);
    }
  }

  /** The numbers of the fields that are present. */
  get numbers(): readonly number[] {
    return [...this.#values.keys()];
  }

  /** Returns an integer, or 0 if the field is absent. Exact up to 2⁵³. */
  integer(number: number): number {
    const value = this.#values.get(number)?.at(-1);
    return typeof value === 'number' ? value : 0;
  }

  bytes(number: number): Uint8Array | undefined {
    return this.#all(number).at(-1);
  }

  text(number: number): string | undefined {
    const bytes = this.bytes(number);
    return bytes && Buffer.from(bytes).toString();
  }

  message<T>(number: number, decode: (fields: Fields) => T): T | undefined {
    return this.messages(number, decode).at(-1);
  }

  /** Returns the values of a repeated field. */
  messages<T>(number: number, decode: (fields: Fields) => T): T[] {
    return this.#all(number).map((bytes) => decode(new Fields(bytes)));
  }

  /** Returns a map field with keys of type string. `decode` gets the entry, whose value is its field 2. */
  map<T>(number: number, decode: (entry: Fields) => T): Record<string, T> {
    return Object.fromEntries(this.messages(number, (entry) => [entry.text(1) ?? '', decode(entry)]));
  }

  #all(number: number): Uint8Array[] {
    return (this.#values.get(number) ?? []).filter((value) => typeof value !== 'number');
  }
}

class Cursor {
  #at = 0;
  readonly #message: Uint8Array;

  constructor(message: Uint8Array) {
    this.#message = message;
  }

  get atEnd(): boolean {
    return this.#at >= this.#message.length;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = this.#message[this.#at];
      if (byte === undefined) break;
      this.#at += 1;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError('A protobuf number has no end.');
  }

  bytes(length: number): Uint8Array {
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#message.length) throw new RangeError('A protobuf field is longer than its message.');
    return this.#message.subarray(from, this.#at);
  }
}
