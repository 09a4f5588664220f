import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

export type GpuType = Schemas['GPUType'];
export type Instance = Schemas['Instance'];
export type Operation = Schemas['Operation'];
export type Pricing = Schemas['Pricing'];
export type Problem = Schemas['Problem'];
export type SshKey = Schemas['SSHKey'];
export type UsageBucket = Schemas['UsageBucket'];
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
