export { ApiError, type ApiErrorCode, type CallOptions } from '@gpu-clouds/core';
export type { VerdaMethods } from './generated/methods.ts';
export { operations as operationTable } from './generated/operations.ts';
export type { components, operations, paths } from './generated/types.ts';
export type {
  Balance,
  Cluster,
  ContainerDeployment,
  CreateCluster,
  CreateContainerDeployment,
  CreateFileSecret,
  CreateInstance,
  CreateJobDeployment,
  CreateRegistryCredentials,
  CreateSecret,
  EnvironmentVariable,
  Image,
  Instance,
  InstanceActionResult,
  InstanceAvailability,
  InstanceStatus,
  InstanceType,
  JobDeployment,
  Location,
  Script,
  SshKey,
  TrashedVolume,
  Volume,
  VolumeMount,
} from './schemas.ts';
export { createVerda, type VerdaClient, type VerdaOptions } from './verda-client.ts';
