import { serve } from './background.ts';
import { lint } from './lint.ts';

export interface LintInput {
  readonly value: unknown;
  readonly source: string;
  readonly file: string;
}

serve(({ value, source, file }: LintInput) => lint(value, source, file));
