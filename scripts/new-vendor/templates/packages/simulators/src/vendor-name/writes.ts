import type { OperationIds } from '../operation-ids.ts';

/** Name the operations that create or delete resources. The first one creates an instance. */
export const writes: readonly OperationIds['vendor-name'][] = [];
