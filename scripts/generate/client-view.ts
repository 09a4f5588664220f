import { stripBodyCredentials } from './body-credentials.ts';
import { foldOpenEnums } from './open-enums.ts';
import type { Document } from './openapi.ts';
import type { VendorRules } from './vendor-rules.ts';

/** Returns the document as the caller of a client sees it. Only the types are generated from it. */
export function clientView(document: Document, rules: VendorRules): Document {
  const view = structuredClone(document);
  if (rules.bodyCredentials) stripBodyCredentials(view, rules.bodyCredentials);
  foldOpenEnums(view);
  return view;
}
