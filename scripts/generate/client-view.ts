import { stripBodyCredentials } from './body-credentials.ts';
import { foldOpenEnums } from './open-enums.ts';
import type { Document } from './openapi.ts';
import type { VendorRules } from './vendor-rules.ts';

/** The document as the caller of a client sees it; read for types only, never written. */
export function clientView(document: Document, rules: VendorRules): Document {
  const view = structuredClone(document);
  if (rules.bodyCredentials) stripBodyCredentials(view, rules.bodyCredentials);
  foldOpenEnums(view);
  return view;
}
