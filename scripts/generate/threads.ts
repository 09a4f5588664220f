import { background } from './background.ts';
import type { LintInput } from './lint-thread.ts';
import type { Document } from './openapi.ts';

/** Lints a document. Loading the linter takes as long as linting. */
export const linting = background<LintInput, string[]>(new URL('lint-thread.ts', import.meta.url));

/** Generates types. Loading the TypeScript compiler takes longer than using it. */
export const typing = background<Document, string[]>(new URL('types-thread.ts', import.meta.url));

export function startThreads(): void {
  linting.start();
  typing.start();
}
