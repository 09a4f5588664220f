import { type JsonValue, stringifyYaml } from '@gpu-clouds/openapi-overlay';
import { serve } from './background.ts';
import { clientView } from './client-view.ts';
import { type CheckExample, emitExamples, exampleTable } from './emit-examples.ts';
import { emitTypes } from './emit-types.ts';
import { type Document, listOperations } from './openapi.ts';
import type { VendorRules } from './vendor-rules.ts';

export interface EmitInput {
  readonly document: Document;
  /** The document if it is to be written as YAML too. */
  readonly value?: JsonValue | undefined;
  readonly rules: VendorRules;
  /** Whether the document was checked when it was written. */
  readonly isChecked: boolean;
}

/** What takes longest to emit: the lines of two modules and the document as YAML, which is empty if it was not asked for. */
export interface Emitted {
  readonly types: string[];
  readonly examples: string[];
  readonly yaml: string;
}

serve(async ({ document, value, rules, isChecked }: EmitInput): Promise<Emitted> => {
  const check = isChecked ? undefined : await checkOf(document);
  return {
    types: emitTypes(clientView(document, rules)),
    examples: emitExamples(exampleTable(document, listOperations(document), check)),
    yaml: value === undefined ? '' : stringifyYaml(value),
  };
});

/** Returns the check of examples. Its library takes long to load. */
async function checkOf(document: Document): Promise<CheckExample> {
  const { ExampleValidator } = await import('./examples-in-document.ts');
  const validator = new ExampleValidator(document);
  return (value, schema) => validator.check(value, schema);
}
