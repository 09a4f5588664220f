import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gpuMatches, knownGpus, normalizeGpu } from './gpu-names.ts';

describe('normalizeGpu', () => {
  it.each([
    // Verda: instance type, then its description.
    ['1H100.80S.30V', ['1x H100 SXM5 80GB'], 'H100 SXM', 80],
    ['1H100.80S.22V', [], 'H100', 80],
    ['1A100.40S.22V', ['1x A100 SXM4 40GB'], 'A100 SXM', 40],
    ['8RTXPRO6000.224V', ['8x RTX PRO 6000 96GB'], 'RTX PRO 6000', 96],
    ['1RTX6000ADA.10V', [], 'RTX 6000 Ada', 48],
    ['2A6000.20V', [], 'RTX A6000', 48],
    ['1V100.6V', ['1x NVidia Tesla V100 16GB'], 'V100', 16],
    ['1L40S.20V', [], 'L40S', 48],
    ['8B200.240V', [], 'B200', 180],
    ['4H200.141S.176V', [], 'H200', 141],
    // GPU.ai
    ['h100_sxm_80gb', [], 'H100 SXM', 80],
    ['a100_pcie_40gb', [], 'A100 PCIe', 40],
    ['rtx_4090', [], 'RTX 4090', 24],
    // Massed Compute: product, then its description.
    ['gpu_1x_a6000', ['1x RTX A6000'], 'RTX A6000', 48],
    ['gpu_1x_l40', ['1x L40'], 'L40', 48],
    ['gpu_1x_pro_6000_blackwell', ['1x RTX PRO 6000 Blackwell'], 'RTX PRO 6000', 96],
    ['gpu_8x_h100_nvl', ['8x H100 NVL [Spot]'], 'H100 NVL', 94],
    ['gpu_4x_h100', ['4x H100 NVL (80GB)'], 'H100 NVL', 80],
    ['gpu_1x_A100_SXM4', ['1x A100 SXM4 (80GB)'], 'A100 SXM', 80],
    ['gpu_8x_DGX_A100', ['8x DGX A100 (80GB)'], 'A100', 80],
    // TensorDock
    ['h100-sxm5-80gb', [], 'H100 SXM', 80],
    ['a100-pcie-80gb', [], 'A100 PCIe', 80],
    ['v100-sxm3-32gb', [], 'V100', 32],
    ['geforcertx4090-pcie-24gb', [], 'RTX 4090', 24],
    ['geforcertx4070tisuper-pcie-16gb', [], 'RTX 4070 Ti Super', 16],
    ['rtxa6000-pcie-48gb', [], 'RTX A6000', 48],
    ['rtxa4000-pcie-16gb', [], 'RTX A4000', 16],
    ['rtx6000ada-pcie-48gb', [], 'RTX 6000 Ada', 48],
    ['rtx4000sffada-pcie-20gb', [], 'RTX 4000 SFF Ada', 20],
    ['quadrortx6000-pcie-48gb', [], 'Quadro RTX 6000', 48],
    ['a40-pcie-48gb', [], 'A40', 48],
    ['a2-pcie-16gb', [], 'A2', 16],
    ['teslap100-sxm2-16gb', [], 'P100', 16],
    ['l4-pcie-24gb', [], 'L4', 24],
    ['l40s-pcie-48gb', [], 'L40S', 48],
  ])('calls %s %j the %s of %d GiB', (name, descriptions, gpu, memory) => {
    expect(normalizeGpu(name, { descriptions })).toEqual({ gpu, memory });
  });

  it('believes the memory that the vendor gives over what the name suggests', () => {
    expect(normalizeGpu('1B300.30V', { memory: 262 })).toEqual({ gpu: 'B300', memory: 262 });
  });

  it('passes on a name that nobody knows, tidied', () => {
    expect(normalizeGpu('gpu_4x_q900_12gb')).toEqual({ gpu: 'q900', memory: 12 });
    expect(normalizeGpu('NVIDIA Vera-Rubin')).toEqual({ gpu: 'Vera Rubin', memory: 0 });
    expect(normalizeGpu('')).toEqual({ gpu: 'unknown', memory: 0 });
  });

  it('gives every name of its own back unchanged', () => {
    for (const gpu of knownGpus) expect(normalizeGpu(gpu).gpu).toBe(gpu);
    expect(new Set(knownGpus).size).toBe(knownGpus.length);
  });

  it('never throws, and never leaves a GPU without a name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
        expect(normalizeGpu(name).gpu).not.toBe('');
      }),
    );
  });
});

describe('gpuMatches', () => {
  const a100 = { gpu: 'A100 SXM', gpuMemory: 79.2, gpuCount: 4 };

  it.each([
    { gpu: 'A100' },
    { gpu: 'A100 SXM' },
    { gpu: 'A100', memory: 80 },
    { gpu: 'A100', count: 4 },
    { gpu: 'A100 SXM', memory: 80, count: 4 },
  ])('takes four A100 SXM of 79 GiB for %j', (wanted) => {
    expect(gpuMatches(a100, wanted)).toBe(true);
  });

  it.each([
    { gpu: 'A100 PCIe' },
    { gpu: 'A100', memory: 40 },
    { gpu: 'A100', count: 8 },
    { gpu: 'H100' },
    { gpu: 'A10' },
  ])('does not take four A100 SXM of 79 GiB for %j', (wanted) => {
    expect(gpuMatches(a100, wanted)).toBe(false);
  });

  it('does not take a GPU whose form nobody says for one form of it', () => {
    expect(gpuMatches({ gpu: 'A100', gpuMemory: 80, gpuCount: 1 }, { gpu: 'A100 SXM' })).toBe(false);
  });
});
