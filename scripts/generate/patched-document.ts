import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOverlay, type JsonValue, type Overlay, parseOverlay } from '@gpu-clouds/openapi-overlay';
import type { Baseline } from './baseline.ts';
import { GenerationError } from './generation-error.ts';
import type { Origin } from './header.ts';
import { asDocument, type Document } from './openapi.ts';
import { inlinePathItems } from './path-items.ts';
import { publishedDocument, refuseTruncated } from './published-document.ts';
import { type UpgradeReport, upgradeReport } from './upgrade/report.ts';
import type { PatchState } from './upgrade/verdicts.ts';
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
 * @param report receives the upgrade report if the published document differs from the baseline
 * @throws {GenerationError} an action of the overlay does not apply, or is not needed any more
 */
export function patchedDocument(
  root: string,
  { vendor, published }: VendorRules,
  baseline: Baseline,
  report: (report: UpgradeReport) => void,
): PatchedDocument {
  const file = `specs/${vendor}/${published}`;
  const overlayFile = `specs/${vendor}/overlay.yaml`;
  const bytes = readInput(root, file);
  const overlayText = readInput(root, overlayFile).toString();
  const earlier = baseline.read(file);
  if (earlier) refuseTruncated(bytes, earlier, file);
  const document = publishedDocument(bytes, file);
  const overlay = overlayIn(overlayText, overlayFile);

  if (earlier && !bytes.equals(earlier)) {
    const before = publishedDocument(earlier, `${file} at ${baseline.name}`);
    const upgrade = upgradeReport({ vendor, published: file, since: baseline.name, before, after: document, overlay });
    report(upgrade);
    refuseStale(upgrade.patches, overlayFile);
  }
  const value = inlinePathItems(applyOverlay(document, overlay, { requireEvidence: true }));
  const digest = createHash('sha256').update(bytes).digest('hex');
  return {
    value,
    document: asDocument(value, `specs/${vendor}/openapi.yaml`),
    overlay,
    origin: { vendor, published: file, digest },
  };
}

/** Returns the overlay. That of a new vendor has comments only: OpenAPI Overlay has no overlay without actions. */
function overlayIn(text: string, file: string): Overlay {
  const isEmpty = text.split('\n').every((line) => /^\s*(#|$)/.test(line));
  if (!isEmpty) return parseOverlay(text, file);
  return { file, version: '1.1', info: { title: 'Patches', version: '0.0.0' }, actions: [] };
}

function refuseStale(patches: readonly PatchState[], file: string): void {
  const stale = patches.filter(({ verdict }) => verdict !== 'applies').map(({ index }) => `actions[${index}]`);
  if (stale.length === 0) return;
  throw new GenerationError(
    `${file} does not fit the new document, so nothing was written. Delete or edit ${stale.join(', ')} as reported above.`,
  );
}

function readInput(root: string, file: string): Buffer {
  try {
    return readFileSync(join(root, file));
  } catch {
    throw new GenerationError(`${file} is missing.`);
  }
}
