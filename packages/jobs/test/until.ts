import { setTimeout as delay } from 'node:timers/promises';
import type { JobHandle, JobPhase } from '../src/index.ts';

/** Waits until a condition holds, and returns its value. The time limit is long enough for a busy machine, so that only a hang exceeds it. */
export async function until<T>(
  condition: () => T | Promise<T>,
  what = 'the condition',
  ms = 120_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not hold within ${ms} ms`);
    await delay(25);
  }
}

/** Waits until the run has reached this phase. */
export async function reaches(run: JobHandle, phase: JobPhase): Promise<void> {
  await until(async () => (await run.status()).phase === phase, `${run.id} ${phase}`);
}
