import { type FormFactor, formFactors, type GpuRow, gpuTable } from './gpu-table.ts';

/** What is known about a GPU besides the name that its vendor gives it. */
export interface GpuHints {
  /** Further words of the vendor's, for instance `1x H100 SXM5 80GB`; looked at in order where the name leaves something open. */
  readonly descriptions?: readonly string[];
  /** GiB of one GPU. */
  readonly memory?: number;
}

/** A GPU by the name that all clouds share. */
export interface NormalisedGpu {
  /** The same whatever a vendor calls it: `H100 SXM`, `RTX A6000`. A name that is not known comes back tidied. */
  readonly gpu: string;
  /** GiB of one GPU; 0 when nobody says. */
  readonly memory: number;
}

/** Gives a GPU one name and one memory size, whatever the vendor calls it. Never throws. */
export function normaliseGpu(vendorName: string, hints: GpuHints = {}): NormalisedGpu {
  const texts = [vendorName, ...(hints.descriptions ?? [])].map(plain);
  const row = firstOf(texts, rowOf);
  const factor = row && formFactorOf(row, texts);
  return {
    gpu: row === undefined ? tidied(vendorName) : named(row, factor),
    memory: hints.memory || firstOf(texts, memoryIn) || (row && memoryOf(row, factor)) || 0,
  };
}

/** Every name that {@link normaliseGpu} can give to a GPU it knows. `H100` stands for both `H100 SXM` and `H100 PCIe`. */
export const knownGpus: readonly string[] = gpuTable.flatMap((row) => [
  row.gpu,
  ...formFactors
    .filter(([, factor]) => row.formFactors?.[factor] !== undefined)
    .map(([, factor]) => named(row, factor)),
]);

/** Whether the name, in any vendor's spelling, is a GPU of {@link knownGpus}. */
export function isKnownGpu(name: string): boolean {
  return rowOf(plain(name)) !== undefined;
}

/** The known GPU whose name is nearest to a name nobody knows; for messages. */
export function suggestGpu(name: string): string {
  const row = rowOf(plain(name));
  if (row !== undefined) return named(row, formFactorOf(row, [plain(name)]));
  const wanted = compact(name);
  const [nearest] = knownGpus
    .map((gpu) => ({ gpu, distance: editDistance(wanted, compact(gpu)) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest?.gpu ?? name;
}

/**
 * Whether an offer's GPU is what somebody asked for in their own spelling. `H100` takes every form of it, `H100 PCIe` only that;
 * `A100 80GB` takes those whose memory is within a tenth of 80 GiB, since clouds round it differently.
 */
export function gpuMatches(offer: { readonly gpu: string; readonly gpuMemory: number }, wanted: string): boolean {
  const { gpu } = normaliseGpu(wanted);
  if (offer.gpu !== gpu && familyOf(offer.gpu) !== gpu) return false;
  const memory = memoryIn(plain(wanted));
  return memory === undefined || Math.abs(offer.gpuMemory - memory) <= memory / 10;
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

function firstOf<T>(texts: readonly string[], look: (text: string) => T | undefined): T | undefined {
  for (const text of texts) {
    const found = look(text);
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

function compact(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '');
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

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = at(last, j) + (a[i] === b[j] ? 0 : 1);
      const swapped = a[i] === b[j - 1] && a[i - 1] === b[j] ? at(beforeLast, j - 1) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, at(last, j + 1) + 1, at(next, j) + 1));
    }
    [beforeLast, last] = [last, next];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
