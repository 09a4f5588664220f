import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Stream, screen } from './screen.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Records what is written to both streams, in order. */
function recorded({ isTTY, columns = 40 }: { isTTY: boolean; columns?: number }) {
  const written: string[] = [];
  const stream: Stream = {
    isTTY,
    columns,
    hasColors: () => false,
    write: (text: string | Uint8Array) => written.push(Buffer.from(text).toString()) > 0,
  };
  return { written, stream };
}

const clear = '\r\u001b[2K';

it('lines are written above the status line, which is drawn again below them', () => {
  const { written, stream } = recorded({ isTTY: true });
  const { out, status } = screen(stream, stream);
  status?.(() => 'running 1s');
  out('a line');
  status?.(undefined);
  expect(written).toEqual([`${clear}running 1s`, clear, 'a line\n', `${clear}running 1s`, clear]);
});

it('the status line advances by itself, and is cut to the width of the terminal', () => {
  const { written, stream } = recorded({ isTTY: true, columns: 12 });
  const { status } = screen(stream, stream);
  status?.(() => 'running for 1s');
  vi.advanceTimersByTime(250);
  status?.(undefined);
  expect(written).toEqual([`${clear}running fo…`, `${clear}running fo…`, `${clear}running fo…`, clear]);
});

it('the status line waits while the program has not ended its line, and notes begin on a line of their own', () => {
  const { written, stream } = recorded({ isTTY: true });
  const { raw, note, status } = screen(stream, stream);
  status?.(() => 'running');
  raw(Buffer.from('50 %'));
  vi.advanceTimersByTime(500);
  note('a note');
  expect(written).toEqual([`${clear}running`, clear, '50 %', '\n', 'a note\n', `${clear}running`]);
});

it('a note that is wider than the terminal is wrapped between words, and a result is not', () => {
  const { written, stream } = recorded({ isTTY: true, columns: 20 });
  const { out, note } = screen(stream, stream);
  note('gpu-clouds: No offer matches these filters.');
  out('ssh -F /home/someone/config mine');
  expect(written).toEqual(['gpu-clouds: No offer\nmatches these\nfilters.\n', 'ssh -F /home/someone/config mine\n']);
});

it('the rest of a wrapped line of a list begins below its first word', () => {
  const { written, stream } = recorded({ isTTY: true, columns: 20 });
  screen(stream, stream).note('not a job:\n  - line 4, column 3: Unknown GPU');
  expect(written).toEqual(['not a job:\n  - line 4, column\n    3: Unknown GPU\n']);
});

it('control characters are shown on a terminal, and passed on to a pipe byte for byte', () => {
  const hostile = '\u001b]0;owned\u0007\n';
  const [terminal, pipe] = [recorded({ isTTY: true }), recorded({ isTTY: false })];
  for (const { stream } of [terminal, pipe]) screen(stream, stream).raw(Buffer.from(hostile));
  expect(terminal.written).toEqual(['\\x1b]0;owned\\x07\n']);
  expect(pipe.written).toEqual([hostile]);
  expect(screen(pipe.stream, pipe.stream).status).toBeUndefined();
});

it('the error output of a program is passed on to a pipe byte for byte', () => {
  const { written, stream } = recorded({ isTTY: false });
  const { rawError } = screen(stream, stream);
  for (const piece of ['a', 'b\u001b[2J']) rawError(Buffer.from(piece));
  expect(written).toEqual(['a', 'b\u001b[2J']);
});

it('the error output of a program cannot control a terminal, and continues its line', () => {
  const { written, stream } = recorded({ isTTY: true });
  const { raw, rawError, note } = screen(stream, stream);
  raw(Buffer.from('10 %'));
  rawError(Buffer.from('\u001b[2J'));
  // A character in two pieces.
  rawError(Buffer.of(0xc3));
  rawError(Buffer.of(0xa9));
  note('a note');
  expect(written).toEqual(['10 %', '\\x1b[2J', 'é', '\n', 'a note\n']);
});
