export type { Operation, OperationTable, PageRule } from './operation.ts';
