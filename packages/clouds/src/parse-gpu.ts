import { knownGpus, vendorGpu, type WantedGpu } from './gpu-names.ts';
import { mostSimilar } from './most-similar.ts';

/** Text does not name one known GPU. The message says what to write instead. */
export class GpuNameError extends Error {
  override readonly name = 'GpuNameError';
}

/** GPUs that one instance can be asked to have. */
export const maxGpuCount = 64;

const separators = /[\s_()-]+/g;

/** Every accepted spelling without separators: the known names, with `RTX` optional. `rtx4090` and `4090` lead to `RTX 4090`. */
const spellings: ReadonlyMap<string, string> = new Map(
  knownGpus.flatMap((gpu) => [gpu, gpu.replace(/^RTX /, '')].map((name) => [squeezed(name), gpu] as const)),
);

/**
 * Reads the GPU that somebody asks for: a name, with the memory of one GPU and the number of GPUs where they matter. `H100`, `h100 sxm`,
 * `A100-80GB`, `4090`, `H100:8`. The text has to match as a whole: a GPU that is understood wrongly is a wrong instance that
 * bills. Names that vendors give are for `normalizeGpu`.
 * @throws {@link GpuNameError}
 */
export function parseGpu(text: string): WantedGpu {
  const [name = '', ...counts] = text.split(':').map((part) => part.trim());
  const named = known(name);
  if (named === undefined) throw new GpuNameError(severalNames(text) ?? unknownName(text));
  const [count] = counts;
  if (count === undefined) return named;
  if (counts.length > 1) throw new GpuNameError(`${quoted(text)} has several counts: write one, such as "H100:8".`);
  if (isCount(count)) return { ...named, count: Number(count) };
  throw new GpuNameError(
    `${quoted(text)} has no valid count: write a whole number from 1 to ${maxGpuCount}, such as "H100:8".`,
  );
}

/**
 * Says why a count contradicts those that GPUs carry themselves; `undefined` when it does not. A GPU without a count takes the given one.
 * @param gpus As `parseGpu` takes them; what it refuses is ignored here.
 */
export function countConflict(gpus: readonly string[], count: number): string | undefined {
  for (const text of gpus) {
    const own = parsed(text)?.count;
    if (own !== undefined && own !== count) {
      return `${quoted(text)} asks for ${own} ${own === 1 ? 'GPU' : 'GPUs'}, not ${count}: leave out one of the two counts`;
    }
  }
  return undefined;
}

function parsed(text: string): WantedGpu | undefined {
  try {
    return parseGpu(text);
  } catch (error) {
    if (error instanceof GpuNameError) return undefined;
    throw error;
  }
}

/** What `8x NAME` and `NAME:8` mean; the counts as they are written. In `4090x2` the number before the `x` is not a count. */
function parted(text: string): { readonly name: string; readonly counts: readonly string[] } {
  const [named = '', ...behind] = text.split(':').map((part) => part.trim());
  const [, before, name = named] = /^(\d+)\s*[x×]\s*(?!\d{1,2}$)(.+)$/i.exec(named) ?? [];
  return { name, counts: before === undefined ? behind : [before, ...behind] };
}

function isCount(count: string): boolean {
  return /^\d{1,9}$/.test(count) && Number(count) >= 1 && Number(count) <= maxGpuCount;
}

function known(name: string): WantedGpu | undefined {
  const { rest, memory } = withoutMemory(name);
  const gpu = spellings.get(
    squeezed(rest)
      .replace(/^nvidia/, '')
      .replace(/^(geforce|tesla)/, '')
      .replace(/sxm\d$/, 'sxm'),
  );
  return gpu === undefined ? undefined : { gpu, memory };
}

/** `80GB`, `80 GiB`, `80g`: once, as words of their own. */
function withoutMemory(name: string): { readonly rest: string; readonly memory?: number | undefined } {
  const spaced = ` ${name.toLowerCase().replace(separators, ' ').trim()} `;
  const [found, size] = / ([1-9]\d{0,2}) ?(?:gib|gb|g) /.exec(spaced) ?? [];
  return found === undefined ? { rest: spaced } : { rest: spaced.replace(found, ' '), memory: Number(size) };
}

function squeezed(name: string): string {
  return name.toLowerCase().replace(separators, '');
}

/** `H100,H200` and `A100 or H100` where one name belongs. */
function severalNames(text: string): string | undefined {
  const parts = text.split(/[,;|/+&]|\s(?:or|and)\s/i).map((part) => parted(part.trim()));
  if (parts.length < 2 || parts.some(({ name }) => known(name) === undefined)) return undefined;
  const names = parts.map(({ name, counts }) => [name, ...counts].join(':'));
  const [inFile, inShell] = [`[${names.join(', ')}]`, `--gpu "${names.join(',')}"`];
  return `${quoted(text)} names several GPUs: write a list, ${inFile} in a job file and ${inShell} on the command line.`;
}

function unknownName(text: string): string {
  const meant = suggestion(text);
  const question = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return `Unknown GPU ${quoted(text)}.${question} Run "gpu-clouds offers" to list GPUs.`;
}

/** The known GPU that the text holds among other words, or that it resembles; with memory and count as they were given. */
function suggestion(text: string): string | undefined {
  const { name, counts } = parted(text);
  const { rest, memory } = withoutMemory(name);
  const written = squeezed(rest);
  const spelling = mostSimilar(written, spellings.keys()) ?? beginningWith(written);
  const gpu = vendorGpu(rest)?.gpu ?? spellings.get(spelling ?? '');
  if (gpu === undefined) return undefined;
  const size = memory === undefined ? '' : ` ${memory}GB`;
  const [count] = counts.filter(isCount);
  return `${gpu}${size}${count === undefined ? '' : `:${count}`}`;
}

/** The shortest spelling that begins with the text, as many do with `RTX`. One letter says too little. */
function beginningWith(text: string): string | undefined {
  if (text.length < 2) return undefined;
  const longer = [...spellings.keys()].filter((spelling) => spelling.startsWith(text));
  return longer.toSorted((a, b) => a.length - b.length)[0];
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
