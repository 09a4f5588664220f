import type { BilledItem } from './over-cap.ts';
import type { RunRecord } from './run-record.ts';

/** Returns, for each instance of a run that the run's job does not allow, one sentence that says why. Nothing of the product decides it. */
export function wrongInstances({ plan }: Pick<RunRecord, 'plan'>, items: readonly BilledItem[]): readonly string[] {
  return items.flatMap((item) => {
    const why = whyWrong(plan, item);
    return why === undefined ? [] : [`it rented ${item.name} ${why}`];
  });
}

function whyWrong({ vendors, constraints = {} }: RunRecord['plan'], item: BilledItem): string | undefined {
  if (!vendors.includes(item.vendor)) return `at ${item.vendor}, not at ${vendors.join(' or ')}`;
  if (!('hardware' in item) || item.hardware === undefined) return undefined;
  const { region, gpuCount, gpuMemory, vcpus, memory } = item.hardware;
  const { regions, minGpuMemory = 0, minVcpus = 0, minMemory = 0 } = constraints;
  if (gpuCount !== 1) return `with ${gpuCount} GPUs instead of 1`;
  if (gpuMemory < minGpuMemory) return `with ${gpuMemory} GiB per GPU, less than ${minGpuMemory}`;
  if (vcpus < minVcpus) return `with ${vcpus} vCPUs, fewer than ${minVcpus}`;
  if (memory < minMemory) return `with ${memory} GiB of memory, less than ${minMemory}`;
  // A country stands for all its cities.
  const isAllowed = regions?.some((one) => region === one || region.startsWith(`${one}, `)) ?? true;
  return isAllowed ? undefined : `in ${region}, not in ${regions?.join(' or ')}`;
}
