/** A GPU by the name that this package gives it. */
export interface GpuRow {
  /** What names it, in text whose separators are single spaces and whose letters are lower case. First row that matches wins. */
  readonly pattern: RegExp;
  readonly gpu: string;
  /** GiB of one GPU, where there is only one size. */
  readonly memory?: number | undefined;
  /** Sold in several forms, which are different things to rent; with the GiB of each, 0 where it comes in several sizes. */
  readonly formFactors?: Readonly<Partial<Record<FormFactor, number>>> | undefined;
}

export type FormFactor = 'SXM' | 'PCIe' | 'NVL';

/** How vendors write a form factor: `sxm`, `SXM5`, `sxm4`, `pcie`, `NVL`. */
export const formFactors: readonly (readonly [RegExp, FormFactor])[] = [
  [/sxm\d?\b/, 'SXM'],
  [/\bnvl\b/, 'NVL'],
  [/pcie/, 'PCIe'],
];

/**
 * Names as seen with the vendors: Verda `1H100.80S.30V`, `1RTX6000ADA.10V`, `8RTXPRO6000.224V` (published document, and
 * gpuhunt's fixtures of real answers), GPU.ai `h100_sxm_80gb`, Massed Compute `gpu_1x_a6000`, `4x H100 NVL (80GB)` (brevdev/cloud's
 * fixtures), `gpu_1x_pro_6000_blackwell`, TensorDock `h100-sxm5-80gb`, `geforcertx4090-pcie-24gb`, `rtx4000sffada-pcie-20gb`.
 * Longer names stand before those they contain. Memory is NVIDIA's figure, in the size that clouds advertise.
 */
export const gpuTable: readonly GpuRow[] = [
  { pattern: /gb300(?!\d)/, gpu: 'GB300', memory: 288 },
  { pattern: /gb200(?!\d)/, gpu: 'GB200', memory: 186 },
  { pattern: /gh200(?!\d)/, gpu: 'GH200', memory: 96 },
  { pattern: /(?<![a-z])b300(?!\d)/, gpu: 'B300', memory: 288 },
  { pattern: /(?<![a-z])b200(?!\d)/, gpu: 'B200', memory: 180 },
  { pattern: /(?<![a-z])h200(?!\d)/, gpu: 'H200', memory: 141, formFactors: { NVL: 141 } },
  { pattern: /(?<![a-z])h100(?!\d)/, gpu: 'H100', memory: 80, formFactors: { SXM: 80, PCIe: 80, NVL: 94 } },
  { pattern: /(?<![a-z])a100(?!\d)/, gpu: 'A100', formFactors: { SXM: 0, PCIe: 0 } },
  { pattern: /(?<![a-z])a800(?!\d)/, gpu: 'A800', memory: 80, formFactors: { SXM: 80, PCIe: 80 } },
  { pattern: /(?<![a-z])v100(?!\d)/, gpu: 'V100', memory: 16 },
  { pattern: /(?<![a-z])p100(?!\d)/, gpu: 'P100', memory: 16 },
  { pattern: /(?<![a-z])l40s(?!\d)/, gpu: 'L40S', memory: 48 },
  { pattern: /(?<![a-z])l40(?!\d)/, gpu: 'L40', memory: 48 },
  { pattern: /(?<![a-z])l4\b/, gpu: 'L4', memory: 24 },
  { pattern: /pro ?6000(?!\d)/, gpu: 'RTX PRO 6000', memory: 96 },
  { pattern: /pro ?5000(?!\d)/, gpu: 'RTX PRO 5000', memory: 48 },
  { pattern: /pro ?4500(?!\d)/, gpu: 'RTX PRO 4500', memory: 32 },
  { pattern: /pro ?4000(?!\d)/, gpu: 'RTX PRO 4000', memory: 24 },
  { pattern: /6000 ?ada(?!\d)/, gpu: 'RTX 6000 Ada', memory: 48 },
  { pattern: /5880 ?ada(?!\d)/, gpu: 'RTX 5880 Ada', memory: 48 },
  { pattern: /5000 ?ada(?!\d)/, gpu: 'RTX 5000 Ada', memory: 32 },
  { pattern: /4500 ?ada(?!\d)/, gpu: 'RTX 4500 Ada', memory: 24 },
  { pattern: /4000 ?sff ?ada(?!\d)/, gpu: 'RTX 4000 SFF Ada', memory: 20 },
  { pattern: /4000 ?ada(?!\d)/, gpu: 'RTX 4000 Ada', memory: 20 },
  { pattern: /2000 ?ada(?!\d)/, gpu: 'RTX 2000 Ada', memory: 16 },
  { pattern: /(?<![a-wyz])a6000(?!\d)/, gpu: 'RTX A6000', memory: 48 },
  { pattern: /(?<![a-wyz])a5500(?!\d)/, gpu: 'RTX A5500', memory: 24 },
  { pattern: /(?<![a-wyz])a5000(?!\d)/, gpu: 'RTX A5000', memory: 24 },
  { pattern: /(?<![a-wyz])a4500(?!\d)/, gpu: 'RTX A4500', memory: 20 },
  { pattern: /(?<![a-wyz])a4000(?!\d)/, gpu: 'RTX A4000', memory: 16 },
  { pattern: /(?<![a-z])a40\b/, gpu: 'A40', memory: 48 },
  { pattern: /(?<![a-z])a30\b/, gpu: 'A30', memory: 24 },
  { pattern: /(?<![a-z])a16\b/, gpu: 'A16', memory: 16 },
  { pattern: /(?<![a-z])a10g(?!\d)/, gpu: 'A10G', memory: 24 },
  { pattern: /(?<![a-z])a10\b/, gpu: 'A10', memory: 24 },
  { pattern: /(?<![a-z])a2\b/, gpu: 'A2', memory: 16 },
  { pattern: /(?<![a-z])t4\b/, gpu: 'T4', memory: 16 },
  { pattern: /rtx ?8000(?!\d)/, gpu: 'Quadro RTX 8000', memory: 48 },
  { pattern: /rtx ?6000(?!\d)/, gpu: 'Quadro RTX 6000', memory: 24 },
  { pattern: /rtx ?5090(?!\d)/, gpu: 'RTX 5090', memory: 32 },
  { pattern: /rtx ?5080(?!\d)/, gpu: 'RTX 5080', memory: 16 },
  { pattern: /rtx ?5070 ?ti(?!\d)/, gpu: 'RTX 5070 Ti', memory: 16 },
  { pattern: /rtx ?5070(?!\d)/, gpu: 'RTX 5070', memory: 12 },
  { pattern: /rtx ?4090(?!\d)/, gpu: 'RTX 4090', memory: 24 },
  { pattern: /rtx ?4080 ?super(?!\d)/, gpu: 'RTX 4080 Super', memory: 16 },
  { pattern: /rtx ?4080(?!\d)/, gpu: 'RTX 4080', memory: 16 },
  { pattern: /rtx ?4070 ?ti ?super(?!\d)/, gpu: 'RTX 4070 Ti Super', memory: 16 },
  { pattern: /rtx ?4070 ?ti(?!\d)/, gpu: 'RTX 4070 Ti', memory: 12 },
  { pattern: /rtx ?4070(?!\d)/, gpu: 'RTX 4070', memory: 12 },
  { pattern: /rtx ?3090 ?ti(?!\d)/, gpu: 'RTX 3090 Ti', memory: 24 },
  { pattern: /rtx ?3090(?!\d)/, gpu: 'RTX 3090', memory: 24 },
  { pattern: /rtx ?3080 ?ti(?!\d)/, gpu: 'RTX 3080 Ti', memory: 12 },
  { pattern: /rtx ?3080(?!\d)/, gpu: 'RTX 3080', memory: 10 },
  { pattern: /rtx ?3070 ?ti(?!\d)/, gpu: 'RTX 3070 Ti', memory: 8 },
  { pattern: /rtx ?3070(?!\d)/, gpu: 'RTX 3070', memory: 8 },
  { pattern: /rtx ?3060 ?ti(?!\d)/, gpu: 'RTX 3060 Ti', memory: 8 },
  { pattern: /rtx ?3060(?!\d)/, gpu: 'RTX 3060', memory: 12 },
  { pattern: /mi ?355x(?!\d)/, gpu: 'MI355X', memory: 288 },
  { pattern: /mi ?325x(?!\d)/, gpu: 'MI325X', memory: 256 },
  { pattern: /mi ?300x(?!\d)/, gpu: 'MI300X', memory: 192 },
];
