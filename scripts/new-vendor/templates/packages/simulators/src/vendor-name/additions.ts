import type { Addition } from '../addition.ts';

/** Every operation is part of the document. */
export const additions = [] as const satisfies readonly Addition[];
