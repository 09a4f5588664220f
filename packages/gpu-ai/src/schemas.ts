import type { components } from './generated/types.ts';

type Schemas = components['schemas'];

/** A kind of GPU that can be rented. */
export type GpuType = Schemas['GPUType'];
/** A rented instance. */
export type Instance = Schemas['Instance'];
/** What became of an asynchronous request. */
export type Operation = Schemas['Operation'];
/** A price, in US dollars an hour, and how many are available at it. */
export type Pricing = Schemas['Pricing'];
/** The body of an error (RFC 9457). */
export type Problem = Schemas['Problem'];
/** A public key that instances are given at boot. */
export type SshKey = Schemas['SSHKey'];
/** GPU seconds and cost in a span of time. */
export type UsageBucket = Schemas['UsageBucket'];
/** An endpoint that is told about instances. Its secret is in the answer to the create only. */
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
