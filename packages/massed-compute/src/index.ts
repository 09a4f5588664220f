export { ApiError, type ApiErrorCode, type CallOptions } from '@gpu-clouds/core';
export type { MassedComputeMethods } from './generated/methods.ts';
export { operations as operationTable } from './generated/operations.ts';
export type { components, operations, paths } from './generated/types.ts';
export {
  createMassedCompute,
  type MassedComputeClient,
  type MassedComputeOptions,
} from './massed-compute-client.ts';
export type {
  AffectedInstance,
  Billing,
  Coupon,
  GpuInventory,
  GpuProduct,
  Image,
  Instance,
  InstanceStatus,
  Region,
  SshKey,
} from './schemas.ts';
