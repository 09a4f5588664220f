import { existsSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { hostileInputs, mostMiB } from './hostile-inputs.ts';
import { MeasuredWorker } from './measured-worker.ts';

/** `GPU_CLOUDS_ALL_HOSTILE_INPUTS=1` adds those that are tested each night only. */
const all = process.env.GPU_CLOUDS_ALL_HOSTILE_INPUTS === '1';
const inputs = Object.entries(hostileInputs).filter(([, { often }]) => all || often === true);

// Only Linux lets a process forget its peak, so that the next one can be measured: proc(5).
describe.skipIf(!existsSync('/proc/self/clear_refs'))('memory', () => {
  const worker = new MeasuredWorker();
  afterAll(() => worker.close());

  it.each(inputs)(`a worker survives %s with at most ${mostMiB} MiB more memory`, async (_what, input) => {
    const hostile = await input.sender();
    try {
      const { mib, outcome } = await worker.costOf({ victim: input.victim, port: hostile.port });
      expect(outcome).toMatch(input.outcome);
      expect(outcome.length).toBeLessThan(6000);
      expect(mib).toBeLessThanOrEqual(mostMiB);
    } finally {
      await hostile.close();
    }
  });
});
