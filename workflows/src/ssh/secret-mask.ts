import { quoteForShell } from './shell.ts';

/** In bytes. Shorter texts are not masked: they would blacken ordinary words and hide nothing. */
const shortest = 4;

/** A text to be masked. */
interface Pattern {
  readonly bytes: Buffer;
  /** By index: how many bytes up to there are also the first ones (the failure function of Knuth, Morris and Pratt). */
  readonly borders: readonly number[];
}

/** Bytes from `start` up to, and without, `end`. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Replaces secrets in a stream of bytes by as many asterisks: positions stay what they are, so that output can be written at its
 * offset by any worker. A byte is masked when it belongs to any occurrence of any secret, so that of two secrets that begin alike, or
 * overlap, nothing is left.
 *
 * Bytes at the end that may belong to a secret are held back until more is known. Whoever goes on where the returned bytes end, without
 * knowing what came before, masks the rest in the same way.
 */
export class SecretMask {
  readonly #patterns: readonly Pattern[];
  #held: Buffer = Buffer.alloc(0);

  /**
   * @param secrets Values. Each is masked without white space around it, as a whole and line by line, plain and as JSON, shells, URLs, and
   * base64 write it.
   */
  constructor(secrets: readonly string[]) {
    this.#patterns = [...new Set(secrets.flatMap(partsOf).flatMap(spellingsOf))]
      .map((text) => Buffer.from(text))
      .filter(({ length }) => length >= shortest)
      .map((bytes) => ({ bytes, borders: bordersOf(bytes) }));
  }

  /** What can be stored now, masked. */
  push(bytes: Uint8Array): Buffer {
    const all = Buffer.concat([this.#held, bytes]);
    const found = this.#occurrences(all);
    const end = restart(found, all.length - Math.max(0, ...this.#patterns.map((pattern) => openEnd(all, pattern))));
    this.#held = Buffer.from(all.subarray(end));
    blacken(all, found);
    return all.subarray(0, end);
  }

  /** What was held back, masked, once nothing more comes. */
  end(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    blacken(rest, this.#occurrences(rest));
    return rest;
  }

  #occurrences(bytes: Buffer): readonly Span[] {
    return this.#patterns.flatMap((pattern) => occurrences(bytes, pattern.bytes));
  }
}

/** A text that is all there, masked. */
export function masked(text: string, secrets: readonly string[]): string {
  const mask = new SecretMask(secrets);
  return Buffer.concat([mask.push(Buffer.from(text)), mask.end()]).toString();
}

/** A secret that comes from a file ends in a newline; one of several lines is often shown line by line, and indented. */
function partsOf(secret: string): readonly string[] {
  // As it comes out of a process: without half of a surrogate pair, which has no bytes of its own.
  const whole = Buffer.from(secret).toString();
  return [whole, ...whole.split(/[\r\n]/)].map((part) => part.trim());
}

function spellingsOf(text: string): readonly string[] {
  const inForm = new URLSearchParams({ s: text }).toString().slice(2);
  const inJson = JSON.stringify(text).slice(1, -1);
  const inBase64 = [0, 1, 2].map((before) => base64Within(Buffer.from(text), before));
  return [
    text,
    inJson,
    inJson.replaceAll('/', '\\/'),
    inJson.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    quoteForShell(text).slice(1, -1),
    // In double quotes, and as `printf %q` writes it.
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./\n-]/g, '\\$&'),
    encodeURIComponent(text),
    inForm,
    inForm.replaceAll('+', '%20'),
    ...inBase64,
    ...inBase64.map((base64) => base64.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/**
 * The part that base64 of any text with the secret in it has, such as that of `user:secret`. Characters that also have bits of what
 * surrounds the secret are not in it.
 * @param before Bytes that precede the secret in its group of three.
 */
function base64Within(secret: Buffer, before: number): string {
  const base64 = Buffer.concat([Buffer.alloc(before), secret]).toString('base64');
  return base64.slice(Math.ceil((before * 8) / 6), Math.floor(((before + secret.length) * 8) / 6));
}

/** All of them, overlapping ones too. */
function occurrences(bytes: Buffer, pattern: Buffer): readonly Span[] {
  const found: Span[] = [];
  for (let start = bytes.indexOf(pattern); start !== -1; start = bytes.indexOf(pattern, start + 1)) {
    found.push({ start, end: start + pattern.length });
  }
  return found;
}

/**
 * The last place, up to `unsure`, from which the same bytes are masked whether or not what comes before it is known. Occurrences still to
 * come begin at `unsure` or later. One that reaches across `unsure` moves the place back to its start; the one that reaches furthest covers
 * whatever others leave of themselves after that.
 */
function restart(found: readonly Span[], unsure: number): number {
  const across = found.filter(({ start, end }) => start < unsure && end > unsure);
  const [furthest] = across.toSorted((a, b) => b.end - a.end || b.start - a.start);
  return furthest?.start ?? unsure;
}

function blacken(bytes: Buffer, found: readonly Span[]): void {
  for (const { start, end } of found) bytes.fill('*', start, end);
}

function bordersOf(bytes: Buffer): readonly number[] {
  const borders = [0];
  let length = 0;
  for (const byte of bytes.subarray(1)) {
    length = longer(bytes, borders, length, byte);
    borders.push(length);
  }
  return borders;
}

/** How many of the last bytes are the first ones of the pattern, short of all of it. */
function openEnd(all: Buffer, { bytes, borders }: Pattern): number {
  let length = 0;
  for (const byte of all.subarray(Math.max(0, all.length - bytes.length + 1))) {
    length = longer(bytes, borders, length, byte);
  }
  return length;
}

/** After `length` bytes of a pattern came one more: how many of its first bytes the last ones are now. */
function longer(bytes: Buffer, borders: readonly number[], length: number, byte: number): number {
  let matched = length;
  while (matched > 0 && bytes[matched] !== byte) matched = borders[matched - 1] ?? 0;
  return bytes[matched] === byte ? matched + 1 : 0;
}
