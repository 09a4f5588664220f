import { background } from './background.ts';
import type { ChecksInput } from './checks-thread.ts';
import type { EmitInput, Emitted } from './emit-thread.ts';

/** Checks a patched document. Loading the linter takes as long as linting. */
export const checking = background<ChecksInput, string[]>(new URL('checks-thread.ts', import.meta.url));

/** Emits types, examples, and YAML. Loading the TypeScript compiler takes longer than using it. */
export const emitting = background<EmitInput, Emitted>(new URL('emit-thread.ts', import.meta.url));
