import { maxGpuCount } from '@gpu-clouds/clouds/pure';
import type { GpuReading } from '@gpu-clouds/jobs';

/** What `nvidia-smi` is asked for, in the order of {@link readGpus}. */
export const gpuQuery = 'utilization.gpu,memory.used,memory.total,temperature.gpu';

/** Characters. A longer line is none of the follower's. */
const longestLine = 8192;

/** Finds the samples among the lines that a follower writes to stderr. */
export class GpuLines {
  readonly #onSample: (gpus: readonly GpuReading[]) => void;
  readonly #indexes: readonly number[] | undefined;
  #rest = '';

  /** @param indexes The GPUs to pass on. Default: all. */
  constructor(onSample: (gpus: readonly GpuReading[]) => void, indexes?: readonly number[]) {
    this.#onSample = onSample;
    this.#indexes = indexes;
  }

  push(bytes: Buffer): void {
    const text = `${this.#rest}${bytes.toString('latin1')}`;
    const end = text.lastIndexOf('\n') + 1;
    this.#rest = text.length - end > longestLine ? '' : text.slice(end);
    for (const line of text.slice(0, end).split('\n')) {
      const gpus = readGpus(line, this.#indexes);
      if (gpus.length > 0) this.#onSample(gpus);
    }
  }
}

/**
 * Reads a follower's line about the GPUs, `gpus [45, 1024, 81920, 67;…]`. Anything may stand in it: what is not a plausible number is left out,
 * such as `[N/A]`, which `nvidia-smi` prints for a value that a GPU does not have.
 * @param indexes The GPUs to return. Default: all.
 * @returns No GPUs for any other line.
 */
export function readGpus(line: string, indexes?: readonly number[]): readonly GpuReading[] {
  const rows = /^gpus \[(.*)\]$/.exec(line)?.[1];
  if (rows === undefined) return [];
  return rows.split(';', maxGpuCount).flatMap((row, index) => {
    const fields = row.split(',');
    if (fields.length !== 4 || indexes?.includes(index) === false) return [];
    const [utilization, memoryUsed, memoryTotal, temperature] = fields.map((field) => field.trim());
    return [
      {
        utilization: numberUpTo(100, utilization),
        memoryUsed: numberUpTo(mostMemory, memoryUsed),
        memoryTotal: numberUpTo(mostMemory, memoryTotal),
        temperature: numberUpTo(200, temperature),
      },
    ];
  });
}

/** MiB: 16 TiB. */
const mostMemory = 16 * 1024 * 1024;

function numberUpTo(most: number, text = ''): number | undefined {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
  return number <= most ? number : undefined;
}
