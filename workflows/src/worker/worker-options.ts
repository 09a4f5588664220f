import { activitiesPerSecond, type Vendor } from '@gpu-clouds/clouds/pure';
import type { DataConverter } from '@temporalio/common';
import type { NativeConnectionOptions, WorkflowBundleOption } from '@temporalio/worker';
import type { ActivityOptions } from '../activities/create-activities.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Endpoint } from './health-server.ts';

/** Options for the workers of all task queues: accounts, rates, versioning, and tracing. */
export interface WorkerGroupOptions extends Omit<ActivityOptions, 'fleet'> {
  /** Name of the fleet. Jobs of other fleets are rejected. Default: `GPU_CLOUDS_FLEET`, else derived from the Temporal namespace. */
  readonly fleet?: string | undefined;
  /** Temporal namespace. Default `default`. */
  readonly namespace?: string | undefined;
  /**
   * Maximum activities per second and vendor, without watching: one number for all vendors, or a number for each. Temporal enforces it across
   * all workers. Default: {@link defaultActivitiesPerSecond}.
   */
  readonly activitiesPerSecond?: number | Partial<Readonly<Record<Vendor, number>>> | undefined;
  /**
   * Maximum concurrent activities of this process on each task queue except `gpu-clouds`. Default 500.
   * Activities mostly wait, so a higher number costs memory rather than CPU.
   */
  readonly activitySlots?: number | undefined;
  /** Data converter. Workers and clients must use the same one. See `@gpu-clouds/jobs/codec`. Default: Temporal's own. */
  readonly dataConverter?: DataConverter | undefined;
  /** A prebuilt workflow bundle. It must include the data converter's failure converter, if any. Default: the package's bundle, or one built at start. */
  readonly workflowBundle?: WorkflowBundleOption | undefined;
  /**
   * Build ID of this code. If set, the workers belong to Temporal's worker deployment `gpu-clouds`, and each run stays on the version it
   * started on. New runs wait until a version is set as current. Default: unversioned.
   */
  readonly buildId?: string | undefined;
  /** Creates spans for workflows and activities. See `@gpu-clouds/workflows/tracing`. Default: none. */
  readonly tracing?: Tracing | undefined;
  /** Maximum number of workflows cached in memory; others are replayed. Default: Temporal's, based on the process's memory. */
  readonly maxCachedWorkflows?: number | undefined;
  /** Milliseconds that running activities may take to end when the worker shuts down. Default 10,000. */
  readonly shutdownGraceMs?: number | undefined;
}

/** Options of `runWorker`: those of the workers, plus the connection, shutdown signal, and HTTP endpoints of the process. */
export interface RunWorkerOptions extends WorkerGroupOptions {
  /** Temporal's address, as `host:port`. Uses TLS or an API key only if `connection` sets them. Default: see `connection`. */
  readonly address?: string | undefined;
  /** Address, TLS, API key, …. Default: the environment, as read by `temporalConnection`, else `127.0.0.1:7233`. */
  readonly connection?: NativeConnectionOptions | undefined;
  /** Shuts the worker down when aborted, as SIGINT and SIGTERM do. */
  readonly signal?: AbortSignal | undefined;
  /** Called once the worker polls all its task queues. */
  readonly onReady?: (endpoints: WorkerEndpoints) => void;
  /** Serves Prometheus metrics at `/metrics`: Temporal's (`temporal_*`) and this package's (`gpu_clouds_*`). The port must not be 0. Default: none. */
  readonly metrics?: Endpoint | undefined;
  /** Serves `/health`: 200 while all task queues are polled, 503 otherwise. Default: none. */
  readonly health?: Endpoint | undefined;
  /** Minimum level of log entries on stderr. Default `WARN`. */
  readonly logLevel?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | undefined;
}

/** URLs of the HTTP endpoints of a running worker. */
export interface WorkerEndpoints {
  /** URL for Prometheus: `http://host:port/metrics`. Absent without the option `metrics`. */
  readonly metricsUrl?: string | undefined;
  /** URL of the health check, `http://host:port/health`, with the actual port. Absent without the option `health`. */
  readonly healthUrl?: string | undefined;
}

/** Default of `activitySlots`: concurrent activities per task queue. */
export const defaultActivitySlots = 500;

/** Default of `activitiesPerSecond`: activities per second and vendor, across all workers. It follows from the rate limits of the vendors. */
export const defaultActivitiesPerSecond: Readonly<Record<Vendor, number>> = activitiesPerSecond;
