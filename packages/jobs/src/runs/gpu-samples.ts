import { z } from 'zod';
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

/** Characters. A longer line is not one of ours. */
const longestLine = 16_384;

/** Returns a sample as a line of the record. The line break comes first, so that it also ends one that a dead worker left unfinished. */
export function gpuSampleLine({ at, instanceName, gpus }: GpuSample): string {
  const line: z.input<typeof storedSample> = [at, instanceName, gpus.map(valuesOf)];
  return `\n${JSON.stringify(line)}`;
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
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of runs.readOutput({ run, node, record: 'gpu' }, 0)) {
    const lines = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) rest = '';
    yield* lines.flatMap(sampleIn);
  }
  yield* sampleIn(rest);
}

/** Returns no sample for a line that is damaged or unfinished. */
function sampleIn(line: string): readonly GpuSample[] {
  const { data } = storedSample.safeParse(jsonIn(line));
  if (data === undefined) return [];
  const [at, instanceName, gpus] = data;
  return [{ at, instanceName, gpus: gpus.map(readingOf) }];
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
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
