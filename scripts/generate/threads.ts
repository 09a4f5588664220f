import { Background } from './background.ts';
import type { ChecksInput } from './checks-thread.ts';
import type { EmitInput, Emitted } from './emit-thread.ts';

const checks = new Background(new URL('checks-thread.ts', import.meta.url));
/** Loading the TypeScript compiler takes longer than using it. */
export const emitThread = new Background(new URL('emit-thread.ts', import.meta.url));

/** Returns what is wrong with a patched document. Loading the linter takes as long as linting. */
export const complaintsOf = checks.function<ChecksInput, string[]>('complaintsOf');

/** Emits types and examples. */
export const emit = emitThread.function<EmitInput, Emitted>('emit');

/** Returns the OpenAPI document that a module of ours defines. */
export const readOwn = emitThread.function<string, unknown>('readOwn');
