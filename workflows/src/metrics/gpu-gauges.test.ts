import { type MetricMeter, noopMetricMeter } from '@temporalio/common';
import { expect, it } from 'vitest';
import { GpuGauges } from './gpu-gauges.ts';

it('the GPUs of all commands at a vendor are reported together, until they have ended', () => {
  const values = new Map<string, number>();
  const meter: MetricMeter = Object.assign(Object.create(noopMetricMeter), {
    createGauge: (name: string) => ({
      set: (value: number, { vendor }: { vendor: string }) => void values.set(`${name} ${vendor}`, value),
    }),
  });
  const gauges = new GpuGauges();
  const busy = { utilization: 90, memoryUsed: 1, temperature: 70 };
  gauges.set(meter, { vendor: 'verda', source: 'a', gpus: [busy, { utilization: 10, temperature: 50 }] });
  gauges.set(meter, { vendor: 'verda', source: 'b', gpus: [busy] });
  gauges.set(meter, { vendor: 'tensordock', source: 'c', gpus: [{}] });
  expect(Object.fromEntries(values)).toEqual({
    'gpu_clouds_gpus verda': 3,
    'gpu_clouds_gpus_busy verda': 1.9,
    'gpu_clouds_gpu_memory_used_bytes verda': 2 * 1024 ** 2,
    'gpu_clouds_gpu_temperature_celsius verda': 70,
    'gpu_clouds_gpus tensordock': 1,
    'gpu_clouds_gpus_busy tensordock': 0,
    'gpu_clouds_gpu_memory_used_bytes tensordock': 0,
    'gpu_clouds_gpu_temperature_celsius tensordock': 0,
  });
  gauges.set(meter, { vendor: 'verda', source: 'a', gpus: [] });
  expect(values.get('gpu_clouds_gpus verda')).toBe(1);
});
