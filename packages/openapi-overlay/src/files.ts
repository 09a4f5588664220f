import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Overlay } from './overlay.ts';
import { OverlayError } from './overlay-error.ts';
import { parseOverlay } from './parse-overlay.ts';
import type { DocumentFile } from './text.ts';

/**
 * Reads the overlay and its document: the one named, else the one that the overlay extends.
 *
 * @throws {OverlayError} a file cannot be read, or the overlay is not valid
 */
export async function readInputs(
  named: string | undefined,
  overlayFile: string,
): Promise<{ document: DocumentFile; overlay: Overlay }> {
  const overlay = await readOverlay(overlayFile);
  return { document: await readDocument(named ?? extendedFile(overlay)), overlay };
}

export async function readOverlay(file: string): Promise<Overlay> {
  return parseOverlay((await readDocument(file)).content, file);
}

export async function readDocument(file: string): Promise<DocumentFile> {
  try {
    return { file, content: await readFile(file) };
  } catch (error) {
    throw fileError(file, `cannot be read: ${systemReason(error)}`);
  }
}

export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw fileError(file, `cannot be written: ${systemReason(error)}`);
  }
}

/** Returns the file that `extends` refers to: a URI reference relative to `$self`, or else to the overlay. */
function extendedFile({ file, self, extends: reference }: Overlay): string {
  if (reference === undefined) throw fileError(file, 'has no "extends". Name the document before the overlay');
  const location = pathToFileURL(file).href;
  const base = self === undefined ? location : (URL.parse(self, location)?.href ?? location);
  const url = URL.parse(reference, base);
  if (url?.protocol === 'file:') return relative('', fileURLToPath(url));
  const uri = url?.href ?? reference;
  throw fileError(file, `"extends" is ${uri}, which is not a file. Download it and name it before the overlay`);
}

function fileError(file: string, message: string): OverlayError {
  return new OverlayError([{ kind: 'file', file, message }]);
}

const systemReasons: Record<string, string> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return systemReasons[code] ?? error.message;
}
