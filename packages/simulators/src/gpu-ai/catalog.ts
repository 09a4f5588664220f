import type { InstanceGpu } from '../nvidia-smi.ts';

/** A GPU type with its price and stock. */
export interface GpuType {
  /** `gpu_type` of the API. */
  readonly name: string;
  readonly architecture: string;
  readonly gpu: Omit<InstanceGpu, 'count'>;
  /** Price of one GPU in US dollars per hour. */
  readonly pricePerHour: number;
  readonly spotPrice: number | undefined;
  /** Number of free GPUs by region. */
  readonly stock: Readonly<Record<string, number>>;
  readonly cores: number;
  /** RAM in GB. */
  readonly memory: number;
  readonly instantBoot: boolean;
}

export const gpuTypes: readonly GpuType[] = [
  type('rtx_4090', 'Ada Lovelace', 'GeForce RTX 4090', 24, 0.39, 0.25, { 'us-east': 6, 'eu-west': 2 }, 12, 48, true),
  type('rtx_a6000', 'Ampere', 'RTX A6000', 48, 0.52, 0.31, { 'us-east': 4, 'us-west': 2 }, 8, 48, true),
  type('l40s', 'Ada Lovelace', 'L40S', 48, 0.89, 0.52, { 'us-east': 4, 'eu-west': 4 }, 16, 96, false),
  type('a100_pcie_40gb', 'Ampere', 'A100 PCIe 40GB', 40, 0.78, undefined, { 'us-west': 2 }, 12, 96, false),
  type('a100_sxm_80gb', 'Ampere', 'A100 SXM4 80GB', 80, 1.35, 0.8, { 'us-east': 8, 'eu-west': 2 }, 16, 120, false),
  type('h100_pcie_80gb', 'Hopper', 'H100 PCIe', 80, 1.99, undefined, { 'us-west': 2 }, 16, 128, false),
  type('h100_sxm_80gb', 'Hopper', 'H100 80GB HBM3', 80, 2.15, 1.45, { 'us-east': 8, 'us-west': 4 }, 24, 180, false),
  type('h200_sxm_141gb', 'Hopper', 'H200', 141, 2.89, undefined, { 'us-east': 8 }, 24, 192, false),
  type('b200_sxm_180gb', 'Blackwell', 'B200', 180, 3.85, undefined, { 'us-east': 2 }, 28, 220, false),
];

function type(
  name: string,
  architecture: string,
  gpuName: string,
  memoryOfGpu: number,
  pricePerHour: number,
  spotPrice: number | undefined,
  stock: Record<string, number>,
  cores: number,
  memory: number,
  instantBoot: boolean,
): GpuType {
  const gpu = { name: gpuName, memory: memoryOfGpu };
  return {
    name,
    architecture,
    gpu,
    pricePerHour,
    spotPrice,
    stock,
    cores,
    memory,
    instantBoot,
  };
}

export type Tier = 'spot' | 'on_demand';

/** Returns the price of one GPU in US dollars per hour; undefined when the tier is not sold. */
export function priceOf(type: GpuType, tier: Tier): number | undefined {
  return tier === 'spot' ? type.spotPrice : type.pricePerHour;
}
