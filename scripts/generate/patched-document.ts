import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ActionReport,
  applyOverlay,
  inspectOverlay,
  type JsonValue,
  type Overlay,
  OverlayError,
  parseDocument,
  parseOverlay,
} from '@gpu-clouds/openapi-overlay';
import { readIfThere } from './generated-files.ts';
import { GenerationError } from './generation-error.ts';
import { type Origin, recordedDigest } from './header.ts';
import { asDocument, type Document } from './openapi.ts';
import { upgradeReport } from './upgrade-report.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface PatchedDocument {
  readonly value: JsonValue;
  /** `value` as an OpenAPI document. */
  readonly document: Document;
  /** The applied overlay. */
  readonly overlay: Overlay;
  readonly origin: Origin;
}

/**
 * Returns the published document with the overlay applied.
 * @param print receives the upgrade report if the published document is newer than the committed `openapi.yaml`
 * @throws {GenerationError} an action of the overlay does not apply
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
  asDocument(document, origin.published);
  const overlay = parseOverlay(overlayText, overlayFile);

  const committedFile = `specs/${vendor}/openapi.yaml`;
  const committed = await readIfThere(join(root, committedFile));
  if (committed !== undefined && recordedDigest(committed) !== digest) {
    const { actions } = inspectOverlay(document, overlay);
    const before = asDocument(parseDocument(committed, committedFile), committedFile);
    print(`${vendor}: ${origin.published} changed since ${committedFile} was generated.`);
    for (const line of upgradeReport(actions, before, asDocument(asFarAsItFits(document, overlay), origin.published)))
      print(line);
    refuseStale(actions, overlayFile);
  }
  const value = applyOverlay(document, overlay, { requireEvidence: true });
  return { value, document: asDocument(value, committedFile), overlay, origin: { ...origin, digest } };
}

/**
 * Returns the document without the actions that do not apply. An action with a wrong match count is applied: without it,
 * each of its places would count as changed by the vendor.
 */
function asFarAsItFits(document: JsonValue, overlay: Overlay): JsonValue {
  const { document: fitting, actions: reports } = inspectOverlay(document, overlay);
  const usable = new Set(
    reports.filter(({ status }) => status === 'applied' || status === 'match-count').map(({ index }) => index),
  );
  const actions = overlay.actions.filter(({ index }) => usable.has(index));
  try {
    return applyOverlay(document, { ...overlay, actions }, { lenient: true });
  } catch (error) {
    if (OverlayError.isInstance(error)) return fitting;
    throw error;
  }
}

function refuseStale(actions: readonly ActionReport[], file: string): void {
  const stale = actions.filter(({ status }) => status !== 'applied').map(({ index }) => `actions[${index}]`);
  if (stale.length === 0) return;
  throw new GenerationError(
    `${file} does not fit the new document, so nothing was written. Delete or edit ${stale.join(', ')} as reported above.`,
  );
}

function missing(file: string): never {
  throw new GenerationError(`${file} is missing.`);
}
