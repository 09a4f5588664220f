import { DefaultFailureConverter } from '@temporalio/common';

/** Moves the messages and stack traces of failures into payloads, so that the codec encrypts them. Workers and workflows load it by its path. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
