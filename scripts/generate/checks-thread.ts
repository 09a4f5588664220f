import { serve } from './background.ts';
import { wrongExamples } from './examples-in-document.ts';
import { lint } from './lint.ts';
import { asDocument } from './openapi.ts';

export interface ChecksInput {
  readonly value: unknown;
  readonly source: string;
  readonly file: string;
}

/** Returns what is wrong with a patched document. Examples are checked only if the document is valid. */
async function complaintsOf({ value, source, file }: ChecksInput): Promise<string[]> {
  const problems = await lint(value, source, file);
  return problems.length > 0 ? problems : wrongExamples(asDocument(value, file));
}

serve({ complaintsOf });
