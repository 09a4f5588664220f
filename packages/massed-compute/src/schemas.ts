import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** An instance that was restarted or terminated. */
export type AffectedInstance = Schemas['AffectedInstance'];
/** Automatic recharge, its threshold, and the balance, in US cents. */
export type Billing = Schemas['RetrieveBillingInformationV1'];
/** A coupon. */
export type Coupon = Schemas['Coupon'];
/** The available products. */
export type GpuInventory = Schemas['GPUInventoryV1'];
/** A product: its price in US cents per hour, its size, and its regions. */
export type GpuProduct = GpuInventory['gpu_inventory'][string];
/** An image. Ids differ between accounts, so use the name. */
export type Image = Schemas['ImagesV1']['images'][number];
/** A rented instance. It has the password in plain text. */
export type Instance = Schemas['Instance'];
/** The status of an instance. Compare without case, and treat an unknown value as pending. */
export type InstanceStatus = Schemas['InstanceStatus'];
/** A region. */
export type Region = Schemas['Region'];
/** A public SSH key of the account, identified by its name. */
export type SshKey = Schemas['SSHKeyItem'];
