import type { Evidence } from '../evidence.ts';
import type { OperationIds } from '../operation-ids.ts';

/** Name the sources of each operation. Without one, an operation is known by the document only. */
export const evidence: Partial<Evidence<OperationIds['vendor-name']>> = {};
