import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** An order of a virtual machine. */
export type DeployRequest = Schemas['DeployRequest'];
/** What a deployment answers: the server's uuid, where SSH answers, and its price. */
export type Deployment = Exclude<Schemas['DeployResponse'], Failure>;
/** `success: false`, with the vendor's words, on a 200 or a 4xx. */
export type Failure = Schemas['Failure'];
/** A host of the marketplace: what it has free, at which price, and its free ports. */
export type Hostnode = Schemas['Hostnode'];
/** GPUs of one model on a host: how many are free, the US dollars an hour for each, and their GB of memory. */
export type HostnodeGpu = Schemas['HostnodeGpu'];
/** A machine that is already made up. */
export type InstantVm = Schemas['InstantVm'];
/** A number, which may come as its text. */
export type NumberOrString = Schemas['NumberOrString'];
/** A rented machine. Its uuid is the key of the map that it comes in. */
export type VirtualMachine = Schemas['VirtualMachine'];
