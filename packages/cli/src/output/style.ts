import { styleText } from 'node:util';
import type { Terminal } from '../terminal.ts';

type Format = Parameters<typeof styleText>[0];

/** Colors text, or returns it as it is. */
export type Style = (format: Format, text: string) => string;

export const plain: Style = (_format, text) => text;
const colored: Style = (format, text) => styleText(format, text, { validateStream: false });

/** Returns the style of one stream of a terminal. */
export function styleOf({ colors }: Pick<Terminal, 'colors'>, stream: 'out' | 'note' = 'out'): Style {
  return colors?.[stream] ? colored : plain;
}
