import { type GpuReading, type GpuSample, type RunStore, readGpuSamples } from '@gpu-clouds/jobs';
import type { z } from '@hono/zod-openapi';
import type { gpus } from './schemas.ts';

/** Intervals of a plot. */
const maxIntervals = 240;

/** Returns the mean utilization and memory of each GPU of a run over time. */
export async function gpuSeries(runs: RunStore, id: string, nodes: number): Promise<z.output<typeof gpus>> {
  const each = Array.from({ length: nodes }, async (_, node) => {
    const samples: GpuSample[] = [];
    for await (const sample of readGpuSamples(runs, id, { node })) samples.push(sample);
    const parts = intervals(samples);
    return {
      node,
      at: parts.flatMap(([first]) => first?.at ?? []),
      gpus: (samples.at(-1)?.gpus ?? []).map((_, gpu) => ({
        utilization: parts.map((part) => mean(part.map(({ gpus }) => gpus[gpu]?.utilization))),
        memory: parts.map((part) => mean(part.map(({ gpus }) => memoryShare(gpus[gpu])))),
      })),
    };
  });
  return { nodes: await Promise.all(each) };
}

function intervals<T>(samples: readonly T[]): readonly (readonly T[])[] {
  const count = Math.min(maxIntervals, samples.length);
  const at = (index: number) => Math.floor((index * samples.length) / count);
  return Array.from({ length: count }, (_, index) => samples.slice(at(index), at(index + 1)));
}

function mean(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function memoryShare({ memoryUsed, memoryTotal }: GpuReading = {}): number | undefined {
  return memoryUsed === undefined || !memoryTotal ? undefined : (100 * memoryUsed) / memoryTotal;
}
