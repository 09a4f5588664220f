/** A GPU model on one host. */
export interface GpuModel {
  amount: number;
  /** Price of one GPU in US dollars per hour. */
  readonly price: number;
  /** Memory of one GPU in GB. */
  readonly vram: number;
  readonly pcie: boolean;
  readonly rtx: boolean;
  readonly gtx: boolean;
}

/** The amount and price of CPU, RAM, or storage of a host. */
export interface Part {
  readonly amount: number;
  /** Price of one vCPU or 1 GB in US dollars per hour. */
  readonly price: number;
}

/** A host of the marketplace with its rentable resources. */
export interface HostRow {
  readonly key: string;
  readonly country: string;
  readonly region: string;
  readonly city: string;
  readonly cpuType: string;
  readonly cpu: Part;
  readonly ram: Part;
  readonly storage: Part;
  readonly gpus: Readonly<Record<string, GpuModel>>;
  /** Maximum RAM per GPU in GB. */
  readonly maxRamPerGpu: number;
}

export const defaultUser = 'user';

export const operatingSystems = ['Ubuntu 22.04 LTS', 'Ubuntu 20.04 LTS', 'TensorML 20 Suite', 'Windows 10'];

export const hostRows: readonly HostRow[] = [
  host('winnipeg', 'Canada', 'Manitoba', 'Winnipeg', 'AMD Ryzen 9 5950X', 26, 100, 580, {
    'rtxa6000-pcie-48gb': gpu(2, 0.37, 48, 'rtx'),
  }),
  host('chubbuck', 'United States', 'Idaho', 'Chubbuck', 'Intel Xeon Platinum 8352Y', 128, 512, 10_252, {
    'rtxa6000-pcie-48gb': gpu(4, 0.4, 48, 'rtx'),
    'l40s-pcie-48gb': gpu(2, 0.86, 48, 'none'),
  }),
  host('manassas', 'United States', 'Virginia', 'Manassas', 'AMD EPYC 7763', 192, 960, 20_000, {
    'a100-sxm4-80gb': gpu(4, 1.05, 80, 'none'),
    'h100-sxm5-80gb': gpu(4, 2.02, 80, 'none'),
  }),
  host('warsaw', 'Poland', 'Mazovia', 'Warsaw', 'AMD EPYC 7402P', 48, 256, 3500, {
    'a100-pcie-80gb': gpu(1, 0.9, 80, 'none'),
  }),
  host('lyon', 'France', 'Auvergne-Rhône-Alpes', 'Lyon', 'AMD EPYC 7443P', 40, 180, 2000, {
    'geforcertx4090-pcie-24gb': gpu(3, 0.3, 24, 'rtx'),
  }),
  host('mumbai', 'India', 'Maharashtra', 'Mumbai', 'Intel Xeon E5-2698 v4', 30, 120, 900, {
    'v100-pcie-16gb': gpu(2, 0.16, 16, 'none'),
  }),
];

function gpu(amount: number, price: number, vram: number, kind: 'rtx' | 'gtx' | 'none'): GpuModel {
  return { amount, price, vram, pcie: true, rtx: kind === 'rtx', gtx: kind === 'gtx' };
}

function host(
  key: string,
  country: string,
  region: string,
  city: string,
  cpuType: string,
  cpus: number,
  ram: number,
  storage: number,
  gpus: Record<string, GpuModel>,
): HostRow {
  const prices = { cpu: 0.003, ram: 0.002, storage: 0.00005 };
  return {
    key,
    country,
    region,
    city,
    cpuType,
    cpu: { amount: cpus, price: prices.cpu },
    ram: { amount: ram, price: prices.ram },
    storage: { amount: storage, price: prices.storage },
    gpus,
    maxRamPerGpu: 240,
  };
}
