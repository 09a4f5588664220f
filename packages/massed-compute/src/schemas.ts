import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** An instance that was restarted or terminated. */
export type AffectedInstance = Schemas['AffectedInstance'];
/** Recharge, its threshold and the balance, in cents. */
export type Billing = Schemas['RetrieveBillingInformationV1'];
/** What a coupon gives. */
export type Coupon = Schemas['Coupon'];
/** What is in stock, by product. */
export type GpuInventory = Schemas['GPUInventoryV1'];
/** A product: its price in cents an hour, its size and where there is one. */
export type GpuProduct = GpuInventory['gpu_inventory'][string];
/** An image. Ids differ between accounts: go by the name. */
export type Image = Schemas['ImagesV1']['images'][number];
/** A rented instance, its password in clear text included. */
export type Instance = Schemas['Instance'];
/** An open set: compare without case, and take an unknown one for pending. */
export type InstanceStatus = Schemas['InstanceStatus'];
/** A place where instances run. */
export type Region = Schemas['Region'];
/** A public key of the account, used by its name. */
export type SshKey = Schemas['SSHKeyItem'];
