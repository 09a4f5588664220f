import type { Instance } from '../instance.ts';
import type { Host, Share } from './hosts.ts';

/** What TensorDock knows of a machine beside what all clouds do. */
export interface Detail {
  readonly host: Host;
  share: Share;
  /** External port to internal port. */
  readonly forwards: Readonly<Record<string, string>>;
  readonly operatingSystem: string;
  readonly spot: boolean;
  /** Stopped and gave its GPUs back. */
  disassociated: boolean;
}

export type VirtualMachine = Instance<Detail>;
