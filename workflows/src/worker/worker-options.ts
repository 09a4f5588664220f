import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnectionOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { ActivityOptions } from '../activities/create-activities.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Endpoint } from './health-server.ts';

/** How the workers of all task queues work: on what accounts, how fast, on which version, seen by whom. */
export interface WorkerGroupOptions extends ActivityOptions {
  /** Default `default`. */
  readonly namespace?: string;
  /** Activities a second and vendor, watching aside, enforced by Temporal for all workers together. Default: what each vendor bears. */
  readonly activitiesPerSecond?: Partial<Readonly<Record<Vendor, number>>>;
  /**
   * Activities that this process does at a time on each task queue but the workflows': instances watched at a cloud, calls that change
   * something there, commands followed. They wait most of the time, and cost memory rather than processor. Default 500.
   */
  readonly activitySlots?: number;
  /** How data is written to Temporal; the same for workers and clients. See `@gpu-clouds/jobs/codec`. Default: Temporal's own. */
  readonly dataConverter?: DataConverter;
  /** The workflows, bundled before; with the failure converter of the data converter, if that has one. Default: the package's own bundle, or one made at start. */
  readonly workflowBundle?: WorkflowBundleOption;
  /**
   * Version of this code. With it the workers are Temporal's fleet `gpu-clouds`: runs stay with workers of the version that they began
   * on, and get no other. Nothing runs before the version is made the current one. Default: unversioned.
   */
  readonly buildId?: string;
  /** Spans for workflows and activities. See `@gpu-clouds/workflows/tracing`. Default: none. */
  readonly tracing?: Tracing;
  /** Workflows that stay in memory between their tasks; the others are replayed. Default: what fits the process's memory. */
  readonly maxCachedWorkflows?: number;
  /** Milliseconds that running activities get to end when the worker shuts down. Default 10 s. */
  readonly shutdownGraceMs?: number;
}

/** Those of the workers, and what a process of their own needs: Temporal's address, its end, and its endpoints. */
export interface RunWorkerOptions extends WorkerGroupOptions {
  /** Temporal, as `host:port`, without TLS or key unless `connection` has them. Default: see `connection`. */
  readonly address?: string;
  /** Address, TLS, API key, …. Default: what {@link temporalConnection} finds in the environment, else `127.0.0.1:7233`. */
  readonly connection?: NativeConnectionOptions;
  /** Shuts down like SIGINT and SIGTERM do. */
  readonly signal?: AbortSignal;
  /** Called once the worker polls all its task queues. */
  readonly onReady?: (endpoints: WorkerEndpoints) => void;
  /** Serves Prometheus metrics at `/metrics`: Temporal's and our own, `gpu_clouds_*`. The port cannot be 0. Default: none. */
  readonly metrics?: Endpoint;
  /** Serves `/health`: 200 while all task queues are polled, 503 otherwise. Default: none. */
  readonly health?: Endpoint;
  /** What goes to stderr. Default `WARN`. */
  readonly logLevel?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
}

/** Where a running worker can be looked at. */
export interface WorkerEndpoints {
  /** Where Prometheus scrapes: `http://host:port/metrics`. Absent without the option `metrics`. */
  readonly metricsUrl?: string;
  /** `http://host:port/health`, its port the one that was really taken. Absent without the option `health`. */
  readonly healthUrl?: string;
}

/** Where `activitySlots` names no other number. */
export const defaultActivitySlots = 500;

/**
 * Activities a second and vendor, for all workers together, where `activitiesPerSecond` names no other number.
 *
 * Verda's limit is 60 a minute and path, TensorDock asks for one a second, GPU.ai is said to bear ten; an activity makes several calls,
 * and those of one instance come one after the other.
 */
export const defaultActivitiesPerSecond: Readonly<Record<Vendor, number>> = {
  'gpu-ai': 5,
  'massed-compute': 5,
  tensordock: 2,
  verda: 5,
};
