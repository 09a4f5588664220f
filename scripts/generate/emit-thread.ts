import { serve } from './background.ts';
import { clientView } from './client-view.ts';
import { emitExamples, exampleTable } from './emit-examples.ts';
import { emitTypes } from './emit-types.ts';
import { type Document, listOperations } from './openapi.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface EmitInput {
  readonly document: Document;
  readonly rules: VendorRules;
}

/** Lines of the two modules that take longest to emit. */
export interface Emitted {
  readonly types: string[];
  readonly examples: string[];
}

serve(
  async ({ document, rules }: EmitInput): Promise<Emitted> => ({
    types: emitTypes(clientView(document, rules)),
    examples: emitExamples(exampleTable(document, listOperations(document))),
  }),
);
