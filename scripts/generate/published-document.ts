import type { JsonValue } from '@gpu-clouds/openapi-overlay';
import { OverlayError, parseDocument } from '@gpu-clouds/openapi-overlay';
import { GenerationError } from './generation-error.ts';
import { asDocument } from './openapi.ts';

/**
 * Returns the content of a published document.
 * @throws {GenerationError} one line that says why the file is not a complete OpenAPI 3.0 or 3.1 document
 */
export function publishedDocument(bytes: Uint8Array, file: string): JsonValue {
  const text = decoded(bytes, file);
  if (text.trim() === '') throw new GenerationError(`${file} is empty. Fetch the document again.`);
  const value = parsed(text, file);
  refuseOtherVersions(value, file);
  asDocument(value, file);
  return value;
}

/** Throws if a document is the beginning of the one that it replaces. YAML that is cut off between two lines is valid. */
export function refuseTruncated(bytes: Uint8Array, earlier: Uint8Array, file: string): void {
  if (bytes.length >= earlier.length || !Buffer.from(bytes).equals(earlier.subarray(0, bytes.length))) return;
  throw new GenerationError(
    `${file} has only the first ${bytes.length} of ${earlier.length} bytes of the document that it replaces. Fetch it again.`,
  );
}

function decoded(bytes: Uint8Array, file: string): string {
  const buffer = Buffer.from(bytes);
  const text = buffer.toString('utf8');
  const encoded = Buffer.from(text);
  const wrong = encoded.findIndex((byte, index) => byte !== buffer[index]);
  if (wrong < 0 && encoded.length === buffer.length) return text.replace(/^\uFEFF/, '');
  const at = wrong < 0 ? encoded.length : wrong;
  const line = buffer.subarray(0, at).toString('utf8').split('\n').length;
  throw new GenerationError(`${file}:${line}: Byte ${at} is not UTF-8. Convert the document to UTF-8.`);
}

function parsed(text: string, file: string): JsonValue {
  if (file.endsWith('.json')) refuseBrokenJson(text, file);
  try {
    return parseDocument(text, file);
  } catch (error) {
    if (!OverlayError.isInstance(error)) throw error;
    const [first = error.message, ...others] = error.message.split('\n');
    const more = others.length === 0 ? '' : ` (and ${others.length} more errors)`;
    throw new GenerationError(`${first}${more}. Fetch the document again if it was cut off or edited.`);
  }
}

function refuseBrokenJson(text: string, file: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    throw new GenerationError(`${file} is not complete JSON: ${why}. Fetch the document again.`);
  }
}

function refuseOtherVersions(value: JsonValue, file: string): void {
  const fields = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const version = fields.openapi ?? fields.swagger;
  if (typeof version === 'string' && /^3\.[01]\.\d+$/.test(version) && fields.swagger === undefined) return;
  const what = version === undefined ? 'has no "openapi" version' : `is OpenAPI ${String(version)}`;
  throw new GenerationError(`${file} ${what}. Generation reads OpenAPI 3.0 and 3.1.`);
}
