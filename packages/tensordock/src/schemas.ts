import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

export type DeployRequest = Schemas['DeployRequest'];
export type Deployment = Exclude<Schemas['DeployResponse'], Failure>;
export type Failure = Schemas['Failure'];
export type Hostnode = Schemas['Hostnode'];
export type HostnodeGpu = Schemas['HostnodeGpu'];
export type InstantVm = Schemas['InstantVm'];
export type NumberOrString = Schemas['NumberOrString'];
export type VirtualMachine = Schemas['VirtualMachine'];
