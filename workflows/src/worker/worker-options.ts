import type { Cloud } from '@gpu-clouds/clouds';
import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { RunStore } from '../runs/run-store.ts';

export interface GpuCloudsWorkerOptions {
  /** Temporal, as `host:port`. Default `127.0.0.1:7233`. */
  readonly address?: string;
  /** Default `default`. */
  readonly namespace?: string;
  /** The accounts that jobs may use. */
  readonly clouds: ReadonlyMap<Vendor, Cloud>;
  /** Names the deployment; jobs of another one are refused. Default `default`. */
  readonly deployment?: string;
  /** Where output and collected files go. Default: `.gpu-clouds/runs` in the working directory. */
  readonly runs?: RunStore;
  /** At least 16 characters, the same for all workers of the deployment: the SSH keys of machines are derived from it. */
  readonly masterSecret: string;
  /** The value of a secret that a job names. Default: the variable of that name in `process.env`. */
  readonly secrets?: (name: string) => string | undefined;
  /** How long things take; tests make them short. */
  readonly timing?: Partial<Timing>;
  /** Activities a second and vendor, enforced by Temporal for all workers together. */
  readonly activitiesPerSecond?: Partial<Record<Vendor, number>>;
  /** Milliseconds that running activities get to end when the worker shuts down. Default 10 s. */
  readonly shutdownGraceMs?: number;
}

/** All in milliseconds. */
export interface Timing {
  /** How long a vendor's list may lag behind a create. Before this has passed, "not listed" does not mean "not there". Default 90 s. */
  readonly settle: number;
  /** Between two looks at something that is about to change. Default 3 s. */
  readonly poll: number;
  /** Between two looks at a machine that is in use, for whether it is still there. Default 15 s. */
  readonly watch: number;
  /** How long a machine may take until SSH answers. Default 20 minutes. */
  readonly boot: number;
}

export const defaultTiming: Timing = { settle: 90_000, poll: 3000, watch: 15_000, boot: 20 * 60_000 };
