import type { Vendor } from '@gpu-clouds/clouds/pure';
import type { GpuReading } from '@gpu-clouds/jobs';
import type { MetricMeter } from '@temporalio/common';

/** The GPUs of a command. */
export interface CommandGpus {
  readonly vendor: Vendor;
  /** Tells the GPUs of one command from those of others. */
  readonly source: string;
  /** Empty once this worker does not follow the command any more. */
  readonly gpus: readonly GpuReading[];
}

/** The latest values of the GPUs whose commands this worker follows, together for each vendor: instances as labels would have no end. */
export class GpuGauges {
  readonly #commands = new Map<string, CommandGpus>();

  set(meter: MetricMeter, command: CommandGpus): void {
    const { source, vendor } = command;
    if (command.gpus.length === 0) {
      if (!this.#commands.delete(source)) return;
    } else this.#commands.set(source, command);
    const gpus = [...this.#commands.values()].flatMap((one) => (one.vendor === vendor ? one.gpus : []));
    const report = (name: string, description: string, value: number) =>
      meter.createGauge(name, 'float', undefined, description).set(value, { vendor });
    const sumOf = (read: (gpu: GpuReading) => number | undefined) =>
      gpus.reduce((sum, gpu) => sum + (read(gpu) ?? 0), 0);
    report('gpu_clouds_gpus', 'GPUs that commands run on', gpus.length);
    report(
      'gpu_clouds_gpus_busy',
      'Sum of their utilization, where 1 is one busy GPU',
      sumOf((gpu) => gpu.utilization) / 100,
    );
    report('gpu_clouds_gpu_memory_used_bytes', 'Memory in use on them', sumOf((gpu) => gpu.memoryUsed) * 1024 ** 2);
    report(
      'gpu_clouds_gpu_temperature_celsius',
      'Temperature of the hottest of them',
      Math.max(0, ...gpus.map(({ temperature }) => temperature ?? 0)),
    );
  }
}
