import { escapeControls, TerminalText } from './output/terminal-text.ts';
import { truncated, wrapped } from './output/width.ts';
import type { Terminal } from './terminal.ts';

/** A stream of the process. */
export type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'hasColors'>;

const renderIntervalMs = 100;
const clearLine = '\r\u001b[2K';

/** Returns the writing part of a terminal. Lines, program output, and the status line share the screen without overwriting each other. */
export function screen(stdout: Stream, stderr: Stream): Pick<Terminal, 'out' | 'note' | 'raw' | 'rawError' | 'status'> {
  let render: (() => string) | undefined;
  let isDrawn = false;
  let isAtLineStart = true;
  let timer: NodeJS.Timeout | undefined;

  const clear = () => {
    if (isDrawn) stderr.write(clearLine);
    isDrawn = false;
  };
  const draw = () => {
    if (render === undefined || !isAtLineStart) return;
    stderr.write(`${clearLine}${truncated(escapeControls(render()), (stderr.columns ?? 80) - 1)}`);
    isDrawn = true;
  };
  const write = (stream: Stream, text: string | Uint8Array, endsLine: boolean) => {
    if (stream.isTTY) {
      clear();
      isAtLineStart = endsLine;
    }
    stream.write(text);
    if (stream.isTTY) draw();
  };
  const line = (stream: Stream, text: string) => {
    // A line of the program may be unfinished: our own line starts below it.
    if (stream.isTTY && !isAtLineStart && stream === stderr) stderr.write('\n');
    write(stream, `${stream.isTTY ? escapeControls(text) : text}\n`, true);
  };
  const programOutput = (stream: Stream) => {
    const shown = new TerminalText();
    return (bytes: Uint8Array) => {
      if (!stream.isTTY) return write(stream, bytes, true);
      const text = shown.push(bytes);
      if (text !== '') write(stream, text, text.endsWith('\n'));
    };
  };
  // The result may be copied, so only notes are wrapped.
  const fitted = (text: string) => (stderr.isTTY ? wrapped(text, 0, stderr.columns ?? 80) : text);

  return {
    out: (text) => line(stdout, text),
    note: (text) => line(stderr, fitted(text)),
    raw: programOutput(stdout),
    rawError: programOutput(stderr),
    status: stderr.isTTY
      ? (next) => {
          clear();
          render = next;
          clearInterval(timer);
          if (next === undefined) return;
          timer = setInterval(draw, renderIntervalMs);
          timer.unref();
          draw();
        }
      : undefined,
  };
}
