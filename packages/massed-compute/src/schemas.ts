import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

export type AffectedInstance = Schemas['AffectedInstance'];
export type Billing = Schemas['RetrieveBillingInformationV1'];
export type Coupon = Schemas['Coupon'];
export type GpuInventory = Schemas['GPUInventoryV1'];
export type GpuProduct = GpuInventory['gpu_inventory'][string];
export type Image = Schemas['ImagesV1']['images'][number];
export type Instance = Schemas['Instance'];
export type InstanceStatus = Schemas['InstanceStatus'];
export type Region = Schemas['Region'];
export type SshKey = Schemas['SSHKeyItem'];
