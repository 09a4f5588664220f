import { createAnsiSequenceParser } from 'ansi-sequence-parser';

/** Text of a line in one style. */
export interface StyledText {
  readonly text: string;
  /** Class names of the style sheet. */
  readonly style: string;
}

const esc = '\u001b';
/** SGR sequences, which set colors. They are the only ones that have an effect here. */
const colors = new RegExp(`${esc}\\[[\\d;:]*m`, 'g');
/** Other sequences: those that move the cursor or erase, and commands to the operating system, such as titles and links. */
const otherSequences = new RegExp(
  `${esc}\\[(?![\\d;:]*m)[0-?]*[ -/]*[@-~]|${esc}\\][^${esc}\\u0007]*(?:\\u0007|${esc}\\\\)?`,
  'g',
);
/** Characters that cannot be seen, or that change the direction of text. An escape character before a color is none of them. */
const invisible = new RegExp(`(?!${esc}\\[[\\d;:]*m|\\t)\\p{Cc}|[\\u202a-\\u202e\\u2066-\\u2069]`, 'gu');
const longestShown = 4000;
const longestLine = 64 * 1024;
const longestCarry = 256;

/**
 * Splits output into lines, which keep the colors of the lines before them. Lines are styled when they are shown, so that 100,000 of them
 * need no more than their text.
 */
export class TerminalLines {
  readonly lines: string[] = [];
  #carry = '';
  #rest = '';

  /** The number of lines, with the one that has not ended yet. */
  get count(): number {
    return this.lines.length + (this.#rest === '' ? 0 : 1);
  }

  push(text: string): void {
    const [first = '', ...others] = `${this.#rest}${text}`.split('\n');
    let line = first;
    for (const next of others) {
      this.#end(line);
      line = next;
    }
    // Of a progress bar that never ends its line, only the last state is shown.
    this.#rest = line.slice(line.lastIndexOf('\r', line.length - 2) + 1);
    if (this.#rest.length > longestLine) this.push('\n');
  }

  /** Returns the text of a line in its styles, with nothing in it that acts. */
  styled(index: number): readonly StyledText[] {
    return styledTexts(this.lines[index] ?? `${this.#carry}${this.#rest}`);
  }

  #end(line: string): void {
    const whole = `${this.#carry}${line}`;
    this.lines.push(whole);
    const set = whole.match(colors) ?? [];
    const reset = set.findLastIndex((sequence) => /^.\[0?m$/.test(sequence));
    const carry = set.slice(reset + 1).join('');
    this.#carry = carry.length > longestCarry ? '' : carry;
  }
}

function styledTexts(line: string): readonly StyledText[] {
  const ended = line.replace(/\r$/, '');
  const seen = ended.slice(ended.lastIndexOf('\r') + 1);
  const safe = seen.replace(otherSequences, '').replace(invisible, visible);
  const cut = safe.length > longestShown ? `${safe.slice(0, longestShown)} … ${safe.length - longestShown} more` : safe;
  return createAnsiSequenceParser()
    .parse(cut)
    .map(({ value, foreground, background, decorations }) => ({
      text: value,
      style: [
        ...(foreground?.type === 'named' ? [`ansi-${foreground.name}`] : []),
        ...(foreground?.type === 'table' && foreground.index < 16 ? [`ansi-${tableNames[foreground.index]}`] : []),
        ...(background === null ? [] : ['ansi-marked']),
        ...['bold', 'dim', 'italic', 'underline'].filter((name) => [...decorations].some((one) => one === name)),
      ].join(' '),
    }));
}

const tableNames = ['', 'bright'].flatMap((prefix) =>
  ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'].map((name) =>
    prefix === '' ? name : `${prefix}${name[0]?.toUpperCase()}${name.slice(1)}`,
  ),
);

/** Shows a control character as its picture, such as ␛. */
function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : '\ufffd';
}
