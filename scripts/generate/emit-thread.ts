import { serve } from './background.ts';
import { clientView } from './client-view.ts';
import { type CheckExample, emitExamples, exampleTable } from './emit-examples.ts';
import { emitTypes } from './emit-types.ts';
import { type Document, listOperations } from './openapi.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface EmitInput {
  readonly document: Document;
  readonly rules: VendorRules;
  /** Whether the document was checked when it was written. */
  readonly isChecked: boolean;
}

/** The lines of the modules that take longest to emit. */
export interface Emitted {
  readonly types: string[];
  readonly examples: string[];
}

async function emit({ document, rules, isChecked }: EmitInput): Promise<Emitted> {
  const check = isChecked ? undefined : await checkOf(document);
  return {
    types: emitTypes(clientView(document, rules)),
    examples: emitExamples(exampleTable(document, listOperations(document), check)),
  };
}

/** Imports a module that exports `openApiDocument`. */
async function readOwn(module: string): Promise<unknown> {
  const { openApiDocument } = await import(module);
  return JSON.parse(JSON.stringify(openApiDocument()));
}

/** Returns the check of examples. Its library takes long to load. */
async function checkOf(document: Document): Promise<CheckExample> {
  const { ExampleValidator } = await import('./examples-in-document.ts');
  const validator = new ExampleValidator(document);
  return (value, schema) => validator.check(value, schema);
}

serve({ emit, readOwn });
