import type { GpuReading, GpuSample } from '@gpu-clouds/jobs';
import { table } from './table.ts';

/** What the samples of one GPU say, together. */
export interface GpuSummary {
  readonly node: number;
  /** Index of the GPU on its node, in the order of `nvidia-smi`. */
  readonly gpu: number;
  readonly samples: number;
  /** When the last sample was taken, in ISO 8601. */
  readonly latestAt: string;
  readonly latest: GpuReading;
  /** Mean utilization in percent. Absent if it is unknown. */
  readonly meanUtilization?: number | undefined;
  /** Highest used memory in MiB. Absent if it is unknown. */
  readonly maxMemoryUsed?: number | undefined;
}

/** The samples of a node, oldest first. */
export interface NodeSamples {
  readonly node: number;
  readonly samples: readonly GpuSample[];
}

interface GpuSeries {
  readonly node: number;
  readonly gpu: number;
  readonly latestAt: string;
  readonly readings: readonly GpuReading[];
}

const bars = '▁▂▃▄▅▆▇█';
/** Columns of all that stands beside the two plots. */
const besidePlots = 46;
const widestPlot = 60;

/** Returns a summary of each GPU. */
export function gpuSummaries(nodes: readonly NodeSamples[]): readonly GpuSummary[] {
  return seriesOf(nodes).map(({ node, gpu, latestAt, readings }) => {
    const busy = readings.flatMap(({ utilization }) => utilization ?? []);
    const used = readings.flatMap(({ memoryUsed }) => memoryUsed ?? []);
    return {
      node,
      gpu,
      samples: readings.length,
      latestAt,
      latest: readings.at(-1) ?? {},
      meanUtilization: busy.length === 0 ? undefined : mean(busy),
      maxMemoryUsed: used.length === 0 ? undefined : used.reduce((most, one) => Math.max(most, one), 0),
    };
  });
}

/** Plots utilization and memory of each GPU over time, beside the latest values. */
export function gpuPlot(nodes: readonly NodeSamples[], options: Parameters<typeof table>[2] = {}): string {
  const width = Math.max(5, Math.min(widestPlot, Math.floor(((options.columns ?? 100) - besidePlots) / 2)));
  const latest = ({ readings }: GpuSeries) => readings.at(-1) ?? {};
  return table(
    seriesOf(nodes),
    [
      { title: 'NODE', value: ({ node }) => (nodes.length === 1 ? '' : String(node)), align: 'right' },
      { title: 'GPU', value: ({ gpu }) => String(gpu), align: 'right' },
      {
        title: 'BUSY',
        value: ({ readings }) =>
          sparkline(
            readings.map(({ utilization }) => share(utilization, 100)),
            width,
          ),
      },
      { title: 'NOW', value: (one) => withUnit(latest(one).utilization, ' %'), align: 'right' },
      {
        title: 'MEMORY',
        value: ({ readings }) =>
          sparkline(
            readings.map(({ memoryUsed, memoryTotal }) => share(memoryUsed, memoryTotal)),
            width,
          ),
      },
      { title: 'GIB', value: (one) => memory(latest(one)), align: 'right' },
      { title: 'TEMP', value: (one) => withUnit(latest(one).temperature, ' °C'), align: 'right', priority: 1 },
    ],
    options,
  );
}

/**
 * Plots values from 0 to 1 with one character each. More values than characters are averaged. A space stands for unknown values.
 * @param width Maximum number of characters.
 */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const columns = Math.min(width, values.length);
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.floor(((column + 1) * values.length) / columns);
    const known = values.slice(from, to).filter((one) => one !== undefined);
    if (known.length === 0) return ' ';
    const height = Math.min(1, Math.max(0, mean(known)));
    return bars[Math.round(height * (bars.length - 1))] ?? ' ';
  }).join('');
}

function seriesOf(nodes: readonly NodeSamples[]): readonly GpuSeries[] {
  return nodes.flatMap(({ node, samples }) => {
    const last = samples.at(-1);
    if (last === undefined) return [];
    return last.gpus.map((_, gpu) => ({
      node,
      gpu,
      latestAt: last.at,
      readings: samples.map(({ gpus }) => gpus[gpu] ?? {}),
    }));
  });
}

function share(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0 ? undefined : part / whole;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function withUnit(value: number | undefined, unit: string): string {
  return value === undefined ? '' : `${value}${unit}`;
}

function memory({ memoryUsed, memoryTotal }: GpuReading): string {
  if (memoryUsed === undefined) return '';
  const gib = (mebibytes: number) => (mebibytes / 1024).toFixed(0);
  return memoryTotal === undefined ? gib(memoryUsed) : `${gib(memoryUsed)} of ${gib(memoryTotal)}`;
}
