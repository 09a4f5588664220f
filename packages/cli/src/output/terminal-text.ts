/** SGR sequences, which set colors. */
const color = /^\p{Cc}\[[\d;:]*m$/u;
/** A control character with what follows it in a color sequence, or a character that changes the direction of text. */
const controls = /\p{Cc}\[[\d;:]*m|[^\P{Cc}\r\n\t]|[\u202a-\u202e\u2066-\u2069]/gu;
/** The beginning of what may become a color sequence. */
const unfinished = /\p{Cc}(?:\[[\d;:]{0,64})?$/u;
const escapeCharacter = '\u001b';

/**
 * Returns text that cannot control a terminal. Output of instances and messages of vendors may contain sequences that move the cursor, change
 * the title, or answer for the user. Control characters become visible, such as `\x1b`, except for line ends, tabs, and colors.
 */
export function escapeControls(text: string): string {
  return text.replace(controls, (found) => {
    if (found.startsWith(escapeCharacter) && color.test(found)) return found;
    const [first = '', ...rest] = found;
    const code = first.codePointAt(0) ?? 0;
    return `${code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`}${rest.join('')}`;
  });
}

/** Escapes text that arrives in pieces, which may end inside a character or a color sequence. */
export class TerminalText {
  readonly #decoder = new TextDecoder();
  #held = '';

  push(bytes: Uint8Array): string {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    const found = unfinished.exec(text);
    const end = found?.[0].startsWith(escapeCharacter) ? found.index : text.length;
    this.#held = text.slice(end);
    return escapeControls(text.slice(0, end));
  }
}

function hex(code: number, length: number): string {
  return code.toString(16).padStart(length, '0');
}
