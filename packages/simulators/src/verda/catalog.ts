import type { InstanceGpu } from '../nvidia-smi.ts';

/** An instance type: a fixed size at a fixed price. */
export interface InstanceType {
  /** `instance_type` of the API. */
  readonly name: string;
  readonly id: string;
  readonly model: string;
  readonly gpu: InstanceGpu;
  readonly cores: number;
  /** RAM in GB. */
  readonly memory: number;
  /** Price of the whole instance in US dollars per hour. */
  readonly pricePerHour: number;
  readonly spotPrice: number;
  /** Number of free instances by location. */
  readonly stock: Readonly<Record<string, number>>;
  /** Supported images. Empty on newer types, whose images are not documented. */
  readonly images: readonly string[];
}

export const locations = [
  { code: 'FIN-01', name: 'Finland 1', country_code: 'FI' },
  { code: 'FIN-02', name: 'Finland 2', country_code: 'FI' },
  { code: 'FIN-03', name: 'Finland 3', country_code: 'FI' },
  { code: 'ICE-01', name: 'Iceland 1', country_code: 'IS' },
];

export const images = [
  image(
    '77777777-4f48-4249-82b3-f199fb9b701b',
    'ubuntu-24.04-cuda-12.8-open-docker',
    'Ubuntu 24.04 + CUDA 12.8 Open + Docker',
    true,
  ),
  image('888888f0-4f48-4249-82b3-f199fb9b701b', 'ubuntu-24.04-cuda-12.8-open', 'Ubuntu 24.04 + CUDA 12.8 Open'),
  image('59a1e62c-ccbd-46e5-bba4-0c5ba33d4d44', 'ubuntu-22.04-cuda-12.4-docker', 'Ubuntu 22.04 + CUDA 12.4 + Docker'),
  // Two that dstack's Verda back end names by ID: dstack 0.22.5, core/backends/verda/compute.py.
  image('2088da25-bb0d-41cc-a191-dccae45d96fd', 'ubuntu-22.04-cuda-12.0-docker', 'Ubuntu 22.04 + CUDA 12.0 + Docker'),
  image(
    '2404f580-1300-1111-82b3-f199fb9b701b',
    'ubuntu-24.04-cuda-13.0-open-docker',
    'Ubuntu 24.04 + CUDA 13.0 Open + Docker',
  ),
  image('b631190a-ac6f-43ba-87b7-3722ad6e3a30', 'ubuntu-24.04', 'Ubuntu 24.04'),
  image('77edfb23-bb0d-41cc-a191-dccae45d96fd', 'ubuntu-22.04', 'Ubuntu 22.04'),
  image(
    '0ea71e5b-0c5c-4b6e-8c5e-4f6a1d2b3c4d',
    'ubuntu-22.04-cuda-12.4-cluster',
    'Ubuntu 22.04 + CUDA 12.4 Cluster',
    false,
    true,
  ),
];

function image(id: string, image_type: string, name: string, is_default = false, is_cluster = false) {
  return { id, image_type, name, is_default, is_cluster, details: name.split(' + '), category: 'ubuntu' };
}

const allImages = images.filter((each) => !each.is_cluster).map((each) => each.image_type);

/** Instance types, with prices similar to the vendor's and stock small enough to run out. */
export const instanceTypes: readonly InstanceType[] = [
  row('1V100.6V', 'Tesla V100', 'Tesla V100 16GB', 1, 16, 6, 23, 0.14, 0.05, { 'FIN-01': 4, 'FIN-03': 2 }),
  row('1A6000.10V', 'RTX A6000', 'RTX A6000 48GB', 1, 48, 10, 60, 0.49, 0.17, {
    'FIN-01': 3,
    'FIN-03': 3,
    'ICE-01': 1,
  }),
  row('2A6000.20V', 'RTX A6000', 'RTX A6000 48GB', 2, 48, 20, 120, 0.98, 0.34, { 'FIN-01': 2 }),
  row('1RTX6000ADA.10V', 'RTX 6000 Ada', 'RTX 6000 Ada 48GB', 1, 48, 10, 60, 0.83, 0.29, { 'FIN-01': 2, 'ICE-01': 2 }),
  row('1L40S.20V', 'L40S', 'L40S 48GB', 1, 48, 20, 60, 0.91, 0.32, { 'FIN-01': 2, 'FIN-03': 2 }),
  row('1A100.40S.22V', 'A100 40GB', 'A100 SXM4 40GB', 1, 40, 22, 120, 0.72, 0.25, { 'FIN-01': 2 }),
  row('1A100.22V', 'A100 80GB', 'A100 SXM4 80GB', 1, 80, 22, 120, 1.29, 0.45, {
    'FIN-01': 2,
    'FIN-03': 2,
    'ICE-01': 2,
  }),
  row('8A100.176V', 'A100 80GB', 'A100 SXM4 80GB', 8, 80, 176, 960, 10.32, 3.61, { 'FIN-01': 1 }),
  row('1H100.80S.30V', 'H100', 'H100 SXM5 80GB', 1, 80, 30, 120, 2.29, 0.8, { 'FIN-01': 2, 'FIN-02': 1, 'FIN-03': 2 }),
  row('8H100.80S.176V', 'H100', 'H100 SXM5 80GB', 8, 80, 176, 960, 18.32, 6.41, { 'FIN-01': 1 }),
  row('1H200.141S.44V', 'H200', 'H200 SXM5 141GB', 1, 141, 44, 182, 2.99, 1.05, { 'FIN-03': 2 }, []),
  row('1B200.30V', 'B200', 'B200 SXM6 180GB', 1, 180, 30, 180, 3.99, 1.4, { 'FIN-03': 1 }, []),
  row('8B300.240V', 'B300', 'B300 SXM6 268GB', 8, 268, 240, 2200, 44.88, 15.7, { 'FIN-03': 1 }, []),
  row('CPU.4V.16G', 'CPU', 'CPU', 0, 0, 4, 16, 0.0279, 0.0098, { 'FIN-01': 20, 'FIN-03': 20 }),
];

function row(
  name: string,
  model: string,
  gpuName: string,
  count: number,
  vram: number,
  cores: number,
  memory: number,
  pricePerHour: number,
  spotPrice: number,
  stock: Record<string, number>,
  osImages: readonly string[] = allImages,
): InstanceType {
  // Any unique id works.
  const id = `c01dd00d-0000-4972-ae4e-${[...name]
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 2 ** 40, 7)
    .toString(16)
    .padStart(12, '0')}`;
  return {
    name,
    id,
    model,
    gpu: { name: gpuName, count, memory: vram },
    cores,
    memory,
    pricePerHour,
    spotPrice,
    stock,
    images: osImages,
  };
}

/** Price of 1 GB in US dollars per month, by volume type. */
export const volumePrices: Readonly<Record<string, number>> = {
  NVMe: 0.2,
  HDD: 0.05,
  NVMe_Shared: 0.22,
  HDD_Shared: 0.06,
  NVMe_Local_Storage: 0.2,
  NVMe_Shared_Cluster: 0.22,
  NVMe_OS_Cluster: 0.2,
};

/** Hours per month in the vendor's prices: in the published document, 20 per month is 0.0273972… per hour. */
export const hoursPerMonth = 730;
/** Exchange rate for `currency=eur`. */
export const eurosPerDollar = 0.9;
