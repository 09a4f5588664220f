import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { applyOverlay, inspectOverlay, type JsonValue, parseDocument, parseOverlay } from '@gpu-clouds/openapi-overlay';
import { readIfThere } from './generated-files.ts';
import { GenerationError } from './generation-error.ts';
import { type Origin, recordedDigest } from './header.ts';
import type { Document } from './openapi.ts';
import { remedy, staleActions, upgradeReport } from './upgrade-report.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface PatchedDocument {
  readonly value: JsonValue;
  readonly origin: Origin;
}

/**
 * The published document with the overlay applied.
 * @param print told what a published document newer than the committed `openapi.yaml` changes
 * @throws when an action of the overlay does not fit
 */
export async function patchedDocument(
  root: string,
  { vendor, published }: VendorRules,
  print: (line: string) => void,
): Promise<PatchedDocument> {
  const origin = { vendor, published: `specs/${vendor}/${published}` };
  const overlayFile = `specs/${vendor}/overlay.yaml`;
  const bytes = await readFile(join(root, origin.published)).catch(() => missing(origin.published));
  const overlayText = await readFile(join(root, overlayFile), 'utf8').catch(() => missing(overlayFile));
  const digest = createHash('sha256').update(bytes).digest('hex');
  const document = parseDocument(bytes.toString('utf8'), origin.published);
  const overlay = parseOverlay(overlayText, overlayFile);

  const committedFile = `specs/${vendor}/openapi.yaml`;
  const committed = await readIfThere(join(root, committedFile));
  if (committed !== undefined && recordedDigest(committed) !== digest) {
    const { document: after, actions } = inspectOverlay(document, overlay);
    print(`${vendor}: ${origin.published} is not the document that ${committedFile} was made from.`);
    const before = parseDocument(committed, committedFile);
    for (const line of upgradeReport(actions, asDocument(before), asDocument(after))) print(line);
    const stale = staleActions(actions);
    if (stale.length > 0) {
      throw new GenerationError(
        `${overlayFile} does not fit the new document, so nothing was written: ${remedy(stale)}.`,
      );
    }
  }
  return { value: applyOverlay(document, overlay, { requireEvidence: true }), origin: { ...origin, digest } };
}

function missing(file: string): never {
  throw new GenerationError(`${file} is missing.`);
}

function asDocument(value: JsonValue): Document {
  return value as unknown as Document;
}
