export { ApiError, type ApiErrorCode, type CallOptions } from '@gpu-clouds/core';
export type { VerdaMethods } from './generated/methods.ts';
export { operations as operationTable } from './generated/operations.ts';
export type { components, operations, paths } from './generated/types.ts';
export type {
  Balance,
  CreateInstance,
  Image,
  Instance,
  InstanceActionResult,
  InstanceAvailability,
  InstanceStatus,
  InstanceType,
  Location,
  Script,
  SshKey,
  TrashedVolume,
  Volume,
} from './schemas.ts';
export { createVerda, type VerdaClient, type VerdaClientMethods, type VerdaOptions } from './verda-client.ts';
