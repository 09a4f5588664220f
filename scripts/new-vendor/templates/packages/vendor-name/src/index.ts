export { ApiError, type ApiErrorCode, type CallOptions } from '@gpu-clouds/core';
export type { VendorNameMethods } from './generated/methods.ts';
export { operations as operationTable } from './generated/operations.ts';
export type { components, operations, paths } from './generated/types.ts';
export { createVendorName, type VendorNameClient, type VendorNameOptions } from './vendor-name-client.ts';
