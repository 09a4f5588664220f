import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GpuSample, localRunStore, type RunStore, RunStoreError, readGpuSamples } from '@gpu-clouds/jobs';
import type { MetricMeter } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mockActivity } from '../../test/mock-activity.ts';
import { type CommandGpus, GpuGauges } from '../metrics/gpu-gauges.ts';
import { defaultTiming } from '../timing.ts';
import { GpuSampling } from './gpu-sampling.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** One attempt to follow the command, which samples an idle GPU at these seconds. Returns how long it was idle. */
function attempt(
  runs: RunStore,
  run: string,
  seconds: readonly number[],
  gpuGauges = new GpuGauges(),
): Promise<unknown> {
  return mockActivity().run(async () => {
    let now = 0;
    const options = { runs, timing: defaultTiming, now: () => now, gpuGauges };
    const instance = { instanceName: 'one', ssh: { host: '127.0.0.1', port: 22, user: 'root' }, hostKey: '' };
    const step = { step: 'command', script: 'true', env: {}, secrets: [], outputOffset: 0, vendor: 'verda' } as const;
    const sampling = await GpuSampling.resume(options, { run, instance, ...step });
    for (const second of seconds) {
      now = second * 1000;
      sampling.onSample([{ utilization: 0 }]);
    }
    await sampling.close();
    return sampling.idleSeconds;
  });
}

async function secondsOf(runs: RunStore, run: string): Promise<readonly number[]> {
  const samples: GpuSample[] = [];
  for await (const sample of readGpuSamples(runs, run)) samples.push(sample);
  return samples.map(({ at }) => Date.parse(at) / 1000);
}

it('the next attempt appends to the samples of the one before, also after an unfinished line, and counts their idle time', async () => {
  const runs = localRunStore(folder);
  const record = { run: 'resumed', node: 0, record: 'gpu' } as const;
  expect(await attempt(runs, 'resumed', [0, 15])).toEqual({ one: 15 });
  await runs.writeOutput(record, await runs.outputSize(record), Buffer.from('\n["1970-01'));
  expect(await attempt(runs, 'resumed', [30])).toEqual({ one: 30 });
  expect(await secondsOf(runs, 'resumed')).toEqual([0, 15, 30]);
});

it('a store that fails for a while disturbs nothing, and gets the samples later', async () => {
  let failures = 2;
  const writeOutput: RunStore['writeOutput'] = (...write) => {
    if (failures-- > 0) return Promise.reject(new RunStoreError('no answer'));
    return localRunStore(folder).writeOutput(...write);
  };
  const runs: RunStore = { ...localRunStore(folder), writeOutput };
  expect(await attempt(runs, 'failing', [0, 15, 30])).toEqual({ one: 30 });
  expect(await secondsOf(runs, 'failing')).toEqual([0, 15, 30]);
});

it('the metrics of a worker have the GPUs of a command as long as the worker follows it', async () => {
  const reported: CommandGpus[] = [];
  class NotedGauges extends GpuGauges {
    override set(_: MetricMeter, command: CommandGpus): void {
      reported.push(command);
    }
  }
  await attempt(localRunStore(folder), 'measured', [0, 15], new NotedGauges());
  const sample = { vendor: 'verda', source: 'one/one', gpus: [{ utilization: 0 }] };
  expect(reported).toEqual([sample, sample, { ...sample, gpus: [] }]);
});
