import type { ClientOptions, Clock } from '@gpu-clouds/core';
import type { Cloud } from './cloud.ts';
import type { FailureRule } from './failure-rules.ts';

/** What an adapter gets from `createCloud`. */
export interface AdapterSettings {
  /** Returns an environment variable, or undefined if it is not set or empty. */
  readonly variable: (name: string) => string | undefined;
  /** The port in a variable: `{}` if it is not set. @throws {CloudError} `invalid` */
  readonly sshPort: (name: string) => { readonly sshPort?: number };
  readonly clock: Clock | undefined;
  /** The options that every client takes: how requests are sent, the base URL, hooks, and the clock. */
  readonly client: ClientOptions;
}

/** A vendor behind the `Cloud` interface. Each vendor's folder has one, in `adapter.ts`. */
export interface Adapter {
  /** What the vendor's refusals mean. */
  readonly failures: readonly FailureRule[];
  /** @throws {CloudError} `invalid` for a malformed option */
  create(settings: AdapterSettings): Cloud;
}
