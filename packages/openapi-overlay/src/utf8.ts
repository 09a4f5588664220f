import { OverlayError } from './overlay-error.ts';

/** A file's content: its bytes, which must be UTF-8, or its text. */
export type FileContent = string | Uint8Array;

/** @throws {OverlayError} with the line and column of the first byte that is not UTF-8. */
export function decode(content: FileContent, file: string): string {
  if (typeof content === 'string') return content.replace(/^\uFEFF/, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    const valid = validText(content.subarray(0, validLength(content)));
    const lines = valid.split('\n');
    const byte = content[new TextEncoder().encode(valid).length]?.toString(16).padStart(2, '0').toUpperCase() ?? '';
    const message = `the byte 0x${byte} is not UTF-8. Save the file as UTF-8`;
    throw new OverlayError([
      { kind: 'syntax', file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, message },
    ]);
  }
}

/** Returns how many bytes from the start are UTF-8. All shorter starts are UTF-8 too, so it can be searched by halves. */
function validLength(content: Uint8Array): number {
  let valid = 0;
  let invalid = content.length;
  while (invalid - valid > 1) {
    const middle = Math.floor((valid + invalid) / 2);
    if (startsWell(content.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  return valid;
}

/** Returns the complete characters. With `stream`, an incomplete one at the end is no error. */
function validText(content: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content, { stream: true });
}

function startsWell(content: Uint8Array): boolean {
  try {
    validText(content);
    return true;
  } catch {
    return false;
  }
}
