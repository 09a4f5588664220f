import { teardownStuckAfterMs } from '@gpu-clouds/jobs/contract';
import type { MetricMeter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Activities } from '../activities/create-activities.ts';

/** Temporal tries again within 30 s, here or on another worker: until then a failed one is still on its way. */
const betweenAttemptsMs = 35_000;

const teardowns: ReadonlySet<string> = new Set<keyof Activities['vendor']>(['destroyInstance', 'destroyJobDeployment']);

interface Teardown {
  /** Milliseconds since the epoch: of the first attempt. */
  readonly since: number;
  /** When the last attempt here failed; undefined while one is under way. */
  readonly failedAt?: number | undefined;
}

/** Knows the teardowns that this worker is at, for how many of them are stuck. */
export class TeardownWatch {
  readonly #teardowns = new Map<string, Teardown>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Watches the teardowns of instances and of job deployments on the workers that have them. */
  readonly interceptor: ActivityInterceptorsFactory = ({
    info: { activityType, workflowExecution, scheduledTimestampMs },
  }) => {
    if (!teardowns.has(activityType)) return {};
    const key = workflowExecution?.workflowId ?? '';
    return { inbound: { execute: (input, next) => this.during(key, scheduledTimestampMs, () => next(input)) } };
  };

  async during<T>(key: string, since: number, work: () => Promise<T>): Promise<T> {
    this.#teardowns.set(key, { since });
    try {
      const answer = await work();
      this.#teardowns.delete(key);
      return answer;
    } catch (error) {
      this.#teardowns.set(key, { since, failedAt: this.#now() });
      throw error;
    }
  }

  /** Teardowns that have gone on for more than ten minutes. */
  stuck(): number {
    const now = this.#now();
    for (const [key, { failedAt }] of this.#teardowns) {
      if (failedAt !== undefined && now - failedAt > betweenAttemptsMs) this.#teardowns.delete(key);
    }
    return [...this.#teardowns.values()].filter(({ since }) => now - since > teardownStuckAfterMs).length;
  }

  /** Keeps the gauge up to date until the returned function is called. */
  report(meter: MetricMeter): () => void {
    const gauge = meter.createGauge(
      'gpu_clouds_stuck_teardowns',
      'int',
      undefined,
      'Teardowns of more than ten minutes',
    );
    const set = () => gauge.set(this.stuck());
    set();
    const timer = setInterval(set, 5000).unref();
    return () => clearInterval(timer);
  }
}
