import { expect, it } from 'vitest';
import { escapeControls, TerminalText } from './terminal-text.ts';

it.each([
  ['a title', '\u001b]0;owned\u0007', '\\x1b]0;owned\\x07'],
  ['a cursor movement', '\u001b[2J\u001b[1;1H', '\\x1b[2J\\x1b[1;1H'],
  ['a control character of Latin-1', '\u009b31m', '\\x9b31m'],
  ['a color with another control character', '\u0007[31m', '\\x07[31m'],
  ['a change of text direction', 'a\u202eb', 'a\\u202eb'],
  ['a NUL and a DEL', '\0\u007f', '\\x00\\x7f'],
])('escapeControls makes %s visible', (_what, text, expected) => {
  expect(escapeControls(text)).toBe(expected);
});

it('escapeControls keeps line ends, tabs, colors, and other text', () => {
  const text = 'loss\t0.5\r\n\u001b[1;38;5;9mred\u001b[0m größe 🙂\n';
  expect(escapeControls(text)).toBe(text);
});

it('TerminalText keeps a color and a character that are split between pieces, and escapes a split sequence', () => {
  const terminal = new TerminalText();
  const bytes = Buffer.from('a\u001b[31mß\u001b[2Jz');
  const shown = Array.from(bytes, (byte) => terminal.push(Buffer.of(byte))).join('');
  expect(shown).toBe('a\u001b[31mß\\x1b[2Jz');
});
