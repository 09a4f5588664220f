import { setTimeout as delay } from 'node:timers/promises';
import type { JobHandle, JobPhase } from '../src/index.ts';

/** Waits until something is so, and answers it. The limit tells a hang, not a busy machine. */
export async function until<T>(
  look: () => T | Promise<T>,
  what = 'the condition',
  ms = 120_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come true in ${ms} ms`);
    await delay(25);
  }
}

/** Waits until the run's status tells this phase. */
export async function reaches(run: JobHandle, phase: JobPhase): Promise<void> {
  await until(async () => (await run.status()).phase === phase, `${run.id} ${phase}`);
}
