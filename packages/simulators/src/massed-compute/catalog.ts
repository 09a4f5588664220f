import type { InstanceGpu } from '../nvidia-smi.ts';

/** A product: an instance type at a fixed price. */
export interface Product {
  /** `productName` of the API. */
  readonly name: string;
  readonly description: string;
  readonly gpu: InstanceGpu;
  /** Price in US dollars per hour. */
  readonly pricePerHour: number;
  readonly vcpus: number;
  /** RAM in GiB. */
  readonly memory: number;
  /** Disk size in GB. */
  readonly storage: number;
  /** Number of free instances by region. */
  readonly stock: Readonly<Record<string, number>>;
  /** Omits `capacity_available` from the inventory. */
  readonly hidesCapacity: boolean;
}

export const regions: Readonly<Record<string, string>> = {
  'us-central-3': 'Des Moines, IA',
  'us-central-2': 'Omaha, NE',
  'us-east-1': 'Wilmington, DE',
};

/** Images. Ids differ between accounts, so clients must select by name. */
export const images = [
  {
    vm_image_id: 16,
    vm_image_name: 'Ubuntu 22.04 CUDA 12.4',
    vm_image_description: 'Ubuntu Server with NVIDIA driver and CUDA',
  },
  { vm_image_id: 7, vm_image_name: 'Art', vm_image_description: 'AI-powered tools for artists and creatives' },
  { vm_image_id: 19, vm_image_name: 'ML', vm_image_description: 'Ubuntu desktop with machine learning tools' },
  { vm_image_id: 23, vm_image_name: 'SXM Base', vm_image_description: 'Ubuntu Server for SXM systems' },
];

/** Id of the image that only SXM products accept. */
export const sxmOnlyImage = 23;

/** Products, with prices similar to those in the vendor's agent plugin (mc-pick-gpu). */
export const products: readonly Product[] = [
  product('gpu_1x_v100', '1x V100', 'V100', 1, 32, 22, 8, 60, 256, { 'us-central-3': 2 }),
  product('gpu_1x_a30', '1x A30', 'A30', 1, 24, 30, 16, 48, 256, { 'us-central-3': 3, 'us-east-1': 1 }),
  product('gpu_1x_a5000', '1x RTX A5000', 'RTX A5000', 1, 24, 45, 10, 48, 256, { 'us-central-3': 2 }),
  product('gpu_1x_a6000', '1x RTX A6000', 'RTX A6000', 1, 48, 57, 6, 48, 256, { 'us-central-3': 3, 'us-central-2': 2 }),
  product('gpu_2x_a6000', '2x RTX A6000', 'RTX A6000', 2, 48, 114, 12, 96, 512, { 'us-central-3': 1 }),
  product('gpu_1x_a6000_spot', '1x RTX A6000 [Spot]', 'RTX A6000', 1, 48, 34, 6, 48, 256, { 'us-central-2': 2 }),
  product('gpu_1x_6000_ada', '1x RTX 6000 Ada', 'RTX 6000 Ada', 1, 48, 97, 12, 64, 450, { 'us-central-3': 2 }),
  product('gpu_1x_l40', '1x L40', 'L40', 1, 48, 114, 26, 128, 625, { 'us-central-3': 2 }, true),
  product('gpu_1x_l40s', '1x L40S', 'L40S', 1, 48, 99, 22, 128, 625, { 'us-central-3': 2, 'us-east-1': 2 }),
  product('gpu_1x_a100', '1x A100 PCIe 80GB', 'A100 PCIe 80GB', 1, 80, 101, 12, 64, 625, { 'us-central-2': 1 }),
  product('gpu_1x_a100_sxm4', '1x A100 SXM4 80GB', 'A100 SXM4 80GB', 1, 80, 128, 14, 120, 1000, { 'us-central-3': 2 }),
  product('gpu_1x_h100', '1x H100 PCIe', 'H100 PCIe', 1, 80, 235, 20, 128, 625, { 'us-central-3': 1, 'us-east-1': 1 }),
  product('gpu_1x_h100_nvl', '1x H100 NVL', 'H100 NVL', 1, 94, 311, 20, 128, 625, { 'us-east-1': 1 }),
  product('gpu_8x_h100_sxm5', '8x H100 SXM5', 'H100 SXM5', 8, 80, 2200, 200, 1500, 20_000, { 'us-central-3': 1 }),
  product(
    'gpu_1x_pro_6000_blackwell',
    '1x RTX PRO 6000 Blackwell',
    'RTX PRO 6000 Blackwell',
    1,
    96,
    180,
    20,
    128,
    700,
    { 'us-central-3': 1 },
  ),
  // Internal products have the price 0 and are not for sale.
  product('gpu_1x_a6000_internal', '1x RTX A6000', 'RTX A6000', 1, 48, 0, 6, 48, 256, { 'us-central-3': 1 }),
];

function product(
  name: string,
  description: string,
  gpuName: string,
  count: number,
  gpuMemory: number,
  cents: number,
  vcpus: number,
  memory: number,
  storage: number,
  stock: Record<string, number>,
  hidesCapacity = false,
): Product {
  const gpu = { name: gpuName, count, memory: gpuMemory };
  return { name, description, gpu, pricePerHour: cents / 100, vcpus, memory, storage, stock, hidesCapacity };
}

/** Returns the price of a product in US cents per hour. */
export function centsOf({ pricePerHour }: Product): number {
  return Math.round(pricePerHour * 100);
}

/** Returns a region as the API shows it. */
export function regionView(name: string) {
  return { name, description: regions[name] ?? '' };
}
