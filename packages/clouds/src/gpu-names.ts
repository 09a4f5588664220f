import type { Offer } from './cloud.ts';
import { type FormFactor, formFactors, type GpuRow, gpuTable } from './gpu-table.ts';

/** What is known about a GPU besides the name that its vendor gives it. */
export interface GpuHints {
  /** Further words of the vendor's, for instance `1x H100 SXM5 80GB`; used in order if the name is incomplete. */
  readonly descriptions?: readonly string[] | undefined;
  /** GiB of one GPU. */
  readonly memory?: number | undefined;
}

/** A GPU by the name that all clouds share. */
export interface NormalizedGpu {
  /** The same whatever a vendor calls it: `H100 SXM`, `RTX A6000`. A name that is not known comes back tidied. */
  readonly gpu: string;
  /** GiB of one GPU; 0 when nobody says. */
  readonly memory: number;
}

/** A GPU that somebody asks for. Plain JSON. */
export interface WantedGpu {
  /** One of {@link knownGpus}: `H100 SXM`, or `H100` for any form of it. */
  readonly gpu: string;
  /** GiB of one GPU; any where it is absent. */
  readonly memory?: number | undefined;
  /** GPUs in the instance, exactly; any number where it is absent. */
  readonly count?: number | undefined;
}

/** Returns one name and memory size for a GPU, independent of the vendor's spelling. Never throws. */
export function normalizeGpu(vendorName: string, hints: GpuHints = {}): NormalizedGpu {
  const texts = [vendorName, ...(hints.descriptions ?? [])].map(plain);
  const row = firstOf(texts, rowOf);
  const factor = row && formFactorOf(row, texts);
  return {
    gpu: row === undefined ? tidied(vendorName) : named(row, factor),
    memory: hints.memory || firstOf(texts, memoryIn) || (row && memoryOf(row, factor)) || 0,
  };
}

/** Every name that {@link normalizeGpu} can give to a GPU it knows. `H100` stands for both `H100 SXM` and `H100 PCIe`. */
export const knownGpus: readonly string[] = gpuTable.flatMap((row) => [
  row.gpu,
  ...formFactors
    .filter(([, factor]) => row.formFactors?.[factor] !== undefined)
    .map(([, factor]) => named(row, factor)),
]);

/** What the name that a vendor gives says of its GPU, and no more; `undefined` for a GPU that is not in {@link knownGpus}. */
export function vendorGpu(vendorName: string): WantedGpu | undefined {
  const text = plain(vendorName);
  const row = rowOf(text);
  if (row === undefined) return undefined;
  return { gpu: named(row, formFactorOf(row, [text])), memory: memoryIn(text) };
}

/**
 * Whether an offer has the GPU that somebody asks for. `H100` takes every form of it, `H100 PCIe` only that; 80 GiB take what is within a
 * tenth of them, since clouds round memory differently; without a count any number of GPUs will do.
 */
export function gpuMatches(offer: Pick<Offer, 'gpu' | 'gpuCount' | 'gpuMemory'>, wanted: WantedGpu): boolean {
  const { gpu, memory, count } = wanted;
  return (
    (offer.gpu === gpu || familyOf(offer.gpu) === gpu) &&
    (memory === undefined || Math.abs(offer.gpuMemory - memory) <= memory / 10) &&
    (count === undefined || offer.gpuCount === count)
  );
}

function familyOf(gpu: string): string {
  return gpu.replace(/ (SXM|PCIe|NVL)$/, '');
}

function rowOf(text: string): GpuRow | undefined {
  return gpuTable.find((row) => row.pattern.test(text));
}

function named(row: GpuRow, factor: FormFactor | undefined): string {
  return factor === undefined ? row.gpu : `${row.gpu} ${factor}`;
}

function memoryOf(row: GpuRow, factor: FormFactor | undefined): number | undefined {
  return (factor && row.formFactors?.[factor]) ?? row.memory;
}

/** The form that the texts tell, if the GPU is told apart by it. */
function formFactorOf(row: GpuRow, texts: readonly string[]): FormFactor | undefined {
  const factor = firstOf(texts, formFactorIn);
  return factor !== undefined && row.formFactors?.[factor] !== undefined ? factor : undefined;
}

function formFactorIn(text: string): FormFactor | undefined {
  return formFactors.find(([pattern]) => pattern.test(text))?.[1];
}

/** `80gb`, `80 gb`, `80g`, and Verda's `80s` (`1H100.80S.30V`). */
function memoryIn(text: string): number | undefined {
  const found = /(?:^| )(\d{1,3}) ?(?:gib|gb|g|s)\b/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function firstOf<T>(texts: readonly string[], find: (text: string) => T | undefined): T | undefined {
  for (const text of texts) {
    const found = find(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Lower case, single spaces for every separator. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+|nvidia|tesla|geforce/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
}

/** Without count, maker and memory, which stand elsewhere in an offer. */
function tidied(vendorName: string): string {
  const words = vendorName
    .replace(/[_\-\s]+/g, ' ')
    .replace(/^(gpu )?\d+ ?x /i, '')
    .replace(/\b(nvidia|geforce|\d+ ?gi?b)\b/gi, '')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' ? 'unknown' : words;
}
