import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { GpuNameError, parseGpu } from '@gpu-clouds/clouds/pure';

export const json = () => new Option('--json', 'print JSON, one value a line');
export const runId = () => new Argument('<id>', 'id of the run, as "gpu-clouds ps" lists it');
export const batchId = () => new Argument('<id>', 'id of the batch, as "gpu-clouds batch list" lists it');
export const leaseName = () => new Argument('<name>', 'name of the lease, as "gpu-clouds lease list" lists it');

/** From 0 on. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

export function port(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 65_535) throw new InvalidArgumentError('A port is a number from 1 to 65535.');
  return value;
}

export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** `H100`, `A100-80GB:4`, or several by comma; added to those of an earlier `--gpu`. */
export function gpuNames(text: string, earlier: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  try {
    names.forEach(parseGpu);
  } catch (error) {
    throw error instanceof GpuNameError ? new InvalidArgumentError(error.message) : error;
  }
  return [...earlier, ...names];
}
