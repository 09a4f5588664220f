export type { OperationIds } from './generated/operation-ids.ts';
