import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulated } from '../test/simulated.ts';
import { vendors } from './cloud.ts';
import { gpuMatches, knownGpus, normalizeGpu } from './gpu-names.ts';
import { countConflict, GpuNameError, parseGpu } from './parse-gpu.ts';

describe('parseGpu', () => {
  it.each([
    ['H100', { gpu: 'H100' }],
    [' h100 sxm ', { gpu: 'H100 SXM' }],
    ['H100-SXM5', { gpu: 'H100 SXM' }],
    ['NVIDIA H100 NVL', { gpu: 'H100 NVL' }],
    ['L40 S', { gpu: 'L40S' }],
    ['Tesla V100-32GB', { gpu: 'V100', memory: 32 }],
    ['A100 80GB', { gpu: 'A100', memory: 80 }],
    ['A100-80GB', { gpu: 'A100', memory: 80 }],
    ['A100-40GB', { gpu: 'A100', memory: 40 }],
    ['A100-80GB-SXM', { gpu: 'A100 SXM', memory: 80 }],
    ['a100-sxm4-80gb', { gpu: 'A100 SXM', memory: 80 }],
    ['A100 PCIe (80 GiB)', { gpu: 'A100 PCIe', memory: 80 }],
    ['4090', { gpu: 'RTX 4090' }],
    ['3090', { gpu: 'RTX 3090' }],
    ['5090', { gpu: 'RTX 5090' }],
    ['3090 Ti', { gpu: 'RTX 3090 Ti' }],
    ['4080-super', { gpu: 'RTX 4080 Super' }],
    ['RTX4090', { gpu: 'RTX 4090' }],
    ['geforcertx4090', { gpu: 'RTX 4090' }],
    ['A6000', { gpu: 'RTX A6000' }],
    ['RTX 6000 Ada', { gpu: 'RTX 6000 Ada' }],
    ['RTX6000-Ada', { gpu: 'RTX 6000 Ada' }],
    ['6000 Ada', { gpu: 'RTX 6000 Ada' }],
    ['PRO 6000', { gpu: 'RTX PRO 6000' }],
    ['RTXPRO6000', { gpu: 'RTX PRO 6000' }],
    ['MI300X', { gpu: 'MI300X' }],
  ])('parseGpu reads %j as %j', (text, wanted) => {
    expect(parseGpu(text)).toEqual(wanted);
  });

  it.each([
    ['H100:8', { gpu: 'H100', count: 8 }],
    ['H100: 8', { gpu: 'H100', count: 8 }],
    ['H100 SXM :8', { gpu: 'H100 SXM', count: 8 }],
    ['4090:2', { gpu: 'RTX 4090', count: 2 }],
    ['A100-80GB:4', { gpu: 'A100', memory: 80, count: 4 }],
    ['A100 SXM 80GB:4', { gpu: 'A100 SXM', memory: 80, count: 4 }],
    ['H100:64', { gpu: 'H100', count: 64 }],
  ])('parseGpu reads the count of %j: %j', (text, wanted) => {
    expect(parseGpu(text)).toEqual(wanted);
  });

  const list = 'Run "gpu-clouds offers" to list GPUs.';
  it.each([
    ['H10O', `Unknown GPU "H10O". Did you mean "H100"? ${list}`],
    ['H1000 SXM', `Unknown GPU "H1000 SXM". Did you mean "H100 SXM"? ${list}`],
    ['L4OS:2', `Unknown GPU "L4OS:2". Did you mean "L40S:2"? ${list}`],
    ['409O', `Unknown GPU "409O". Did you mean "RTX 4090"? ${list}`],
    ['8x H100', `Unknown GPU "8x H100". Did you mean "H100:8"? ${list}`],
    ['8 × H100 SXM', `Unknown GPU "8 × H100 SXM". Did you mean "H100 SXM:8"? ${list}`],
    ['2x4090', `Unknown GPU "2x4090". Did you mean "RTX 4090:2"? ${list}`],
    ['0x H100', `Unknown GPU "0x H100". Did you mean "H100"? ${list}`],
    ['8x H100:8', `Unknown GPU "8x H100:8". Did you mean "H100:8"? ${list}`],
    ['8x A10O 80GB', `Unknown GPU "8x A10O 80GB". Did you mean "A100 80GB:8"? ${list}`],
    ['H100 foo', `Unknown GPU "H100 foo". Did you mean "H100"? ${list}`],
    ['H100,', `Unknown GPU "H100,". Did you mean "H100"? ${list}`],
    ['H100 x8', `Unknown GPU "H100 x8". Did you mean "H100"? ${list}`],
    ['4090x2', `Unknown GPU "4090x2". Did you mean "RTX 4090"? ${list}`],
    ['1H100.80S.30V', `Unknown GPU "1H100.80S.30V". Did you mean "H100"? ${list}`],
    ['A100 40GB 80GB', `Unknown GPU "A100 40GB 80GB". Did you mean "A100 40GB"? ${list}`],
    // RTX 6000 is short for three GPUs. V100 offers do not tell forms apart.
    ['RTX 6000', `Unknown GPU "RTX 6000". Did you mean "Quadro RTX 6000"? ${list}`],
    ['V100 SXM2', `Unknown GPU "V100 SXM2". Did you mean "V100"? ${list}`],
    ['RTX', `Unknown GPU "RTX". Did you mean "RTX 5090"? ${list}`],
    ['potato', `Unknown GPU "potato". ${list}`],
    ['', `Unknown GPU "". ${list}`],
    ['80GB', `Unknown GPU "80GB". ${list}`],
    ['x'.repeat(100), `Unknown GPU "${'x'.repeat(57)}...". ${list}`],
    [
      'H100,H200',
      '"H100,H200" names several GPUs: write a list, [H100, H200] in a job file and --gpu "H100,H200" on the command line.',
    ],
    [
      '4x A100,H100',
      '"4x A100,H100" names several GPUs: write a list, [A100:4, H100] in a job file and --gpu "A100:4,H100" on the command line.',
    ],
    [
      'A100 80GB or H100: 8',
      '"A100 80GB or H100: 8" names several GPUs: write a list, [A100 80GB, H100:8] in a job file and --gpu "A100 80GB,H100:8" on the command line.',
    ],
    ['H100:0', '"H100:0" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    ['H100:65', '"H100:65" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    ['H100:', '"H100:" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    ['H100:-1', '"H100:-1" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    ['H100:1.5', '"H100:1.5" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    ['H100:many', '"H100:many" has no valid count: write a whole number from 1 to 64, such as "H100:8".'],
    ['H100:8:8', '"H100:8:8" has several counts: write one, such as "H100:8".'],
  ])('parseGpu refuses %j and says what to write instead', (text, message) => {
    expect(() => parseGpu(text)).toThrow(new GpuNameError(message));
  });

  it('parseGpu reads each known GPU by its own name and without RTX, and confuses no two', () => {
    for (const gpu of knownGpus) expect(parseGpu(gpu)).toEqual({ gpu });
    for (const gpu of knownGpus) expect(parseGpu(gpu.replace(/^RTX /, ''))).toEqual({ gpu });
  });

  it('parseGpu suggests only names that it accepts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...knownGpus), fc.nat(12), fc.string({ maxLength: 3 }), (gpu, at, noise) => {
        const message = refusalOf(gpu.slice(0, at) + noise + gpu.slice(at));
        const [, meant] = /Did you mean "(.*)"\?/.exec(message) ?? [];
        if (meant !== undefined) expect(() => parseGpu(meant)).not.toThrow();
      }),
    );
  });

  it('parseGpu either returns a known GPU or throws a one-line GpuNameError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const message = refusalOf(text);
        if (message === '') expect(knownGpus).toContain(parseGpu(text).gpu);
        else expect(message.split('\n')).toHaveLength(1);
      }),
    );
  });
});

describe('parseGpu and offers', () => {
  it.each(vendors)('each GPU on offer at %s can be asked for by its name, memory and count', async (vendor) => {
    const { cloud, close } = await simulated(vendor);
    const offers = await cloud.listOffers();
    await close();
    expect(offers.length).toBeGreaterThan(0);
    for (const offer of offers) {
      const { gpu, gpuCount, gpuMemory } = offer;
      for (const text of [gpu, `${gpu}:${gpuCount}`, `${gpu} ${Math.round(gpuMemory)}GB`]) {
        expect(gpuMatches(offer, parseGpu(text)), text).toBe(true);
      }
    }
  });

  it('each GPU that normalizeGpu names can be asked for by that name', () => {
    const spelled = fc
      .tuple(
        fc.constantFrom(...knownGpus),
        fc.constantFrom('', '1', 'gpu_4x_', 'NVIDIA ', 'geforce', '8x '),
        fc.constantFrom('', '-', '_', ' '),
        fc.constantFrom('', '_80gb', '-pcie-48gb', '.80S.30V', ' (24GB)', ' Blackwell'),
        fc.boolean(),
      )
      .map(([gpu, before, separator, after, lower]) => {
        const name = before + gpu.replaceAll(' ', separator) + after;
        return lower ? name.toLowerCase() : name;
      });
    fc.assert(
      fc.property(spelled, fc.integer({ min: 1, max: 64 }), (name, gpuCount) => {
        const { gpu, memory } = normalizeGpu(name);
        fc.pre(knownGpus.includes(gpu));
        const offer = { gpu, gpuMemory: memory, gpuCount };
        expect(gpuMatches(offer, parseGpu(`${gpu}:${gpuCount}`))).toBe(true);
        if (memory > 0) expect(gpuMatches(offer, parseGpu(`${gpu}-${memory}GB`))).toBe(true);
      }),
    );
  });
});

describe('countConflict', () => {
  it('countConflict names the first GPU with another count', () => {
    expect(countConflict(['A100', 'H100:8', 'H200:2'], 4)).toBe(
      '"H100:8" asks for 8 GPUs, not 4: leave out one of the two counts',
    );
    expect(countConflict(['A100', '4090:1'], 2)).toBe(
      '"4090:1" asks for 1 GPU, not 2: leave out one of the two counts',
    );
  });

  it('countConflict accepts the same count, names without a count, and unknown GPUs', () => {
    expect(countConflict(['A100', 'H100:8', 'potato:4'], 8)).toBeUndefined();
    expect(countConflict([], 8)).toBeUndefined();
  });
});

/** Empty when it is read. */
function refusalOf(text: string): string {
  try {
    parseGpu(text);
    return '';
  } catch (error) {
    if (error instanceof GpuNameError) return error.message;
    throw error;
  }
}
