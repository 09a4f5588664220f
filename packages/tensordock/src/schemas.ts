import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** The order of a new virtual machine. */
export type DeployRequest = Schemas['DeployRequest'];
/** The answer to a deploy: the server's uuid, its SSH endpoint, and its price. */
export type Deployment = Exclude<Schemas['DeployResponse'], Failure>;
/** `success: false` with the vendor's message, sent with status 200 or 4xx. */
export type Failure = Schemas['Failure'];
/** A host of the marketplace: its free resources, prices, and ports. */
export type Hostnode = Schemas['Hostnode'];
/** The GPUs of one model on a host: how many are free, their price in US dollars per GPU and hour, and their memory in GB. */
export type HostnodeGpu = Schemas['HostnodeGpu'];
/** A preconfigured virtual machine. */
export type InstantVm = Schemas['InstantVm'];
/** A number, sent as a number or as a string. */
export type NumberOrString = Schemas['NumberOrString'];
/** A rented virtual machine. Its uuid is the key of the map that holds it. */
export type VirtualMachine = Schemas['VirtualMachine'];
