import { expect, it } from 'vitest';
import { TerminalLines } from './terminal-lines.ts';

const esc = '\u001b';

function linesOf(...pieces: readonly string[]): TerminalLines {
  const lines = new TerminalLines();
  for (const piece of pieces) lines.push(piece);
  return lines;
}

const textOf = (lines: TerminalLines, index = 0) =>
  lines
    .styled(index)
    .map(({ text }) => text)
    .join('');

it('colors become class names, and continue on the next line until they are reset', () => {
  const lines = linesOf(`${esc}[1;31mred\nstill${esc}[0m plain\nplain`);
  expect(lines.styled(0)).toEqual([{ text: 'red', style: 'ansi-red bold' }]);
  expect(lines.styled(1)).toEqual([
    { text: 'still', style: 'ansi-red bold' },
    { text: ' plain', style: '' },
  ]);
  expect(lines.styled(2)).toEqual([{ text: 'plain', style: '' }]);
});

it('a color sequence that is cut between two pieces has its effect', () => {
  expect(linesOf(`${esc}[3`, '2mgreen').styled(0)).toEqual([{ text: 'green', style: 'ansi-green' }]);
});

it.each([
  ['moves of the cursor', `a${esc}[2J${esc}[10;10Hmb`, 'amb'],
  ['a title', `a${esc}]0;owned\u0007b`, 'ab'],
  ['a link', `a${esc}]8;;http://evil.example${esc}\\b${esc}]8;;${esc}\\`, 'ab'],
  ['an unfinished command', `a${esc}]52;c;ZXZpbA==`, 'a'],
  ['a lone escape character', `a${esc}b`, 'a␛b'],
  ['other control characters', 'a\u0000\u0008b\u009bc', 'a␀␈b\ufffdc'],
  ['a change of direction', 'a\u202eb', 'a\ufffdb'],
  ['markup', '<script>alert(1)</script>', '<script>alert(1)</script>'],
])('%s in output do not act', (_what, output, shown) => {
  expect(textOf(linesOf(output))).toBe(shown);
});

it('of a progress bar only the last state is shown', () => {
  const lines = linesOf('10%\r20%\r', '30%\r');
  expect([lines.count, textOf(lines)]).toEqual([1, '30%']);
  lines.push('100%\ndone\r\n');
  expect([lines.count, textOf(lines), textOf(lines, 1)]).toEqual([2, '100%', 'done']);
});

it('a line without an end is cut, in memory and where it is shown', () => {
  const lines = linesOf('x'.repeat(100_000), 'y'.repeat(100_000));
  expect(lines.count).toBe(2);
  expect(textOf(lines)).toMatch(/^x{4000} … 96000 more$/);
});

it('100,000 lines are split within two seconds', () => {
  const text = Array.from({ length: 100_000 }, (_, index) => `${esc}[32m${index}${esc}[0m a line of output`).join('\n');
  const start = performance.now();
  const lines = linesOf(...(text.match(/.{1,65536}/gs) ?? []));
  expect(performance.now() - start).toBeLessThan(2000);
  expect([lines.count, textOf(lines, 99_999)]).toEqual([100_000, '99999 a line of output']);
});
