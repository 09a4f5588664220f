import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'fast-string-width';

/** Returns the number of columns that text takes on a terminal. */
export function widthOf(text: string): number {
  return stringWidth(stripVTControlCharacters(text));
}

/** Returns text without colors that is cut to a number of columns, with an ellipsis at the end if something is cut. */
export function truncated(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let cut = '';
  for (const character of stripVTControlCharacters(text)) {
    if (widthOf(cut) + widthOf(character) > columns - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
