import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** A GPU type. */
export type GpuType = Schemas['GPUType'];
/** A rented instance. */
export type Instance = Schemas['Instance'];
/** The state of an asynchronous request. */
export type Operation = Schemas['Operation'];
/** A price in US dollars per hour, and how many instances are available at that price. */
export type Pricing = Schemas['Pricing'];
/** The body of an error (RFC 9457). */
export type Problem = Schemas['Problem'];
/** A public SSH key that is installed on new instances. */
export type SshKey = Schemas['SSHKey'];
/** GPU seconds and cost in a period. */
export type UsageBucket = Schemas['UsageBucket'];
/** A webhook endpoint. Its secret is only in the answer to the create call. */
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
