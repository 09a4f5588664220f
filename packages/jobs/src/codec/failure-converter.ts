import { DefaultFailureConverter } from '@temporalio/common';

/** Puts messages and stack traces of failures where the codec reaches them. Loaded by its path, in workers and in workflows. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
