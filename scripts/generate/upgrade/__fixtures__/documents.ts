import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseOverlay } from '@gpu-clouds/openapi-overlay';
import { publishedDocument } from '../../published-document.ts';
import { vendors } from '../../vendors.ts';

const root = join(import.meta.dirname, '../../../..');

/** The four vendors' published documents with their overlays. */
export const documents = vendors.map(({ vendor, published }) => {
  const file = `specs/${vendor}/${published}`;
  const overlayFile = `specs/${vendor}/overlay.yaml`;
  return {
    vendor,
    file,
    bytes: readFileSync(join(root, file)),
    get document() {
      return publishedDocument(this.bytes, file);
    },
    get overlay() {
      return parseOverlay(readFileSync(join(root, overlayFile), 'utf8'), overlayFile);
    },
  };
});
