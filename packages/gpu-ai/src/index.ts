export { ApiError, type ApiErrorCode, type CallOptions } from '@gpu-clouds/core';
export type { GpuAiMethods } from './generated/methods.ts';
export { operations as operationTable } from './generated/operations.ts';
export type { components, operations, paths } from './generated/types.ts';
export { createGpuAi, type GpuAiClient, type GpuAiOptions } from './gpu-ai-client.ts';
export type {
  GpuType,
  Instance,
  Operation,
  Pricing,
  Problem,
  SshKey,
  UsageBucket,
  WebhookEndpoint,
} from './schemas.ts';
