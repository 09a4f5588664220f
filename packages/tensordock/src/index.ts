export { ApiError, type ApiErrorCode, type CallOptions } from '@gpu-clouds/core';
export type { TensorDockMethods } from './generated/methods.ts';
export { operations as operationTable } from './generated/operations.ts';
export type { components, operations, paths } from './generated/types.ts';
export type {
  Deployment,
  DeployRequest,
  Failure,
  Hostnode,
  HostnodeGpu,
  InstantVm,
  NumberOrString,
  VirtualMachine,
} from './schemas.ts';
export {
  createTensorDock,
  type TensorDockClient,
  type TensorDockOptions,
} from './tensordock-client.ts';
