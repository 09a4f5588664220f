import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseDocument } from './document.ts';
import type { JsonValue } from './json.ts';
import type { Overlay } from './overlay.ts';
import { OverlayError } from './overlay-error.ts';
import { parseOverlay } from './parse-overlay.ts';

export interface Inputs {
  readonly document: JsonValue;
  readonly documentFile: string;
  readonly overlay: Overlay;
}

/**
 * Reads the overlay and its document: the one named, else the one that the overlay extends.
 *
 * @throws {OverlayError} when a file cannot be read or does not hold what it should.
 */
export async function readInputs(named: string | undefined, overlayFile: string): Promise<Inputs> {
  const overlay = await readOverlay(overlayFile);
  const documentFile = named ?? extendedFile(overlay);
  return { document: parseDocument(await readText(documentFile), documentFile), documentFile, overlay };
}

export async function readOverlay(file: string): Promise<Overlay> {
  return parseOverlay(await readText(file), file);
}

export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw fileError(file, `cannot be written: ${systemReason(error)}`);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw fileError(file, `cannot be read: ${systemReason(error)}`);
  }
}

/** The file that `extends` names, a URI reference relative to the overlay. */
function extendedFile({ file, extends: reference }: Overlay): string {
  if (reference === undefined) throw fileError(file, 'there is no "extends": name the document before the overlay');
  const url = URL.parse(reference, pathToFileURL(file).href);
  if (url?.protocol === 'file:') return relative('', fileURLToPath(url));
  throw fileError(file, `"extends" is ${reference}, which is not a file: download it and name it before the overlay`);
}

function fileError(file: string, message: string): OverlayError {
  return new OverlayError([{ kind: 'file', file, message }]);
}

const systemReasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

function systemReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return systemReasons[code] ?? error.message;
}
