import { z } from 'zod';
import { readRecord, recordLine } from './record-lines.ts';
import type { RunStore } from './run-store.ts';

/** What `nvidia-smi` said of one GPU. A value that it could not read is absent. */
export interface GpuReading {
  /** Percentage of the last sampling period of the driver in which a kernel ran, from 0 to 100. */
  readonly utilization?: number | undefined;
  /** Used memory in MiB. */
  readonly memoryUsed?: number | undefined;
  /** Memory in MiB. */
  readonly memoryTotal?: number | undefined;
  /** Temperature in °C. */
  readonly temperature?: number | undefined;
}

/** The GPUs of a node at one moment while the command ran. */
export interface GpuSample {
  /** When the worker received the sample, in ISO 8601. The clock of the instance plays no part. */
  readonly at: string;
  /** The instance that was the node at that moment. */
  readonly instanceName: string;
  /** In the order of `nvidia-smi`. */
  readonly gpus: readonly GpuReading[];
}

/** Options of {@link readGpuSamples}. */
export interface ReadGpuSamplesOptions {
  /** The node whose samples are read, from 0. Default: 0, the first or only node. */
  readonly node?: number | undefined;
}

const value = z.number().nullable();
const storedSample = z.tuple([z.iso.datetime(), z.string(), z.array(z.tuple([value, value, value, value]))]);

/** Returns a sample as a line of the record. */
export function gpuSampleLine({ at, instanceName, gpus }: GpuSample): string {
  const line: z.input<typeof storedSample> = [at, instanceName, gpus.map(valuesOf)];
  return recordLine(line);
}

/**
 * Yields the stored samples of a node's GPUs, oldest first. Yields nothing if there are none, such as on an image without `nvidia-smi`.
 * @throws {RunStoreError} The store fails.
 */
export async function* readGpuSamples(
  runs: RunStore,
  run: string,
  { node = 0 }: ReadGpuSamplesOptions = {},
): AsyncGenerator<GpuSample, void, undefined> {
  for await (const value of readRecord(runs, { run, node, record: 'gpu' })) {
    const { data } = storedSample.safeParse(value);
    if (data === undefined) continue;
    const [at, instanceName, gpus] = data;
    yield { at, instanceName, gpus: gpus.map(readingOf) };
  }
}

type Values = z.output<typeof storedSample>[2][number];

function valuesOf({ utilization, memoryUsed, memoryTotal, temperature }: GpuReading): Values {
  return [utilization ?? null, memoryUsed ?? null, memoryTotal ?? null, temperature ?? null];
}

function readingOf([utilization, memoryUsed, memoryTotal, temperature]: Values): GpuReading {
  return {
    utilization: utilization ?? undefined,
    memoryUsed: memoryUsed ?? undefined,
    memoryTotal: memoryTotal ?? undefined,
    temperature: temperature ?? undefined,
  };
}
