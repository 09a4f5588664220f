import type { Instance } from '../instance.ts';
import type { Host, Share } from './hosts.ts';

/** TensorDock's own properties of a virtual machine. */
export interface Detail {
  readonly host: Host;
  share: Share;
  /** External port to internal port. */
  readonly forwards: Readonly<Record<string, string>>;
  readonly operatingSystem: string;
  readonly spot: boolean;
  /** True when it was stopped and its GPUs were released. */
  disassociated: boolean;
}

/** A virtual machine of TensorDock: one instance. */
export type VirtualMachine = Instance<Detail>;
