import { setTimeout as delay } from 'node:timers/promises';
import { JobNotFoundError } from '@gpu-clouds/jobs';

/** Retries `work` until it succeeds or the deadline has passed, because the server may be down. */
export async function untilItWorks<T>(work: () => Promise<T>, deadline: number): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof JobNotFoundError || Date.now() > deadline) throw error;
      await delay(300);
    }
  }
}

/** Awaits work until the deadline. @throws Error after it */
export async function within<T>(work: Promise<T>, deadline: number): Promise<T> {
  const late = new AbortController();
  const timeout = delay(Math.max(1, deadline - Date.now()), undefined, { signal: late.signal }).then(() => {
    throw new Error('The run did not end in time.');
  });
  timeout.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    late.abort();
  }
}
