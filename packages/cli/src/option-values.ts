import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { GpuNameError, parseGpu } from '@gpu-clouds/clouds/pure';

export const json = () => new Option('--json', 'print the result as JSON, one value per line');
export const runId = () => new Argument('<id>', 'ID of the run, as listed by "gpu-clouds ps"');
export const batchId = () => new Argument('<id>', 'ID of the batch, as listed by "gpu-clouds batch list"');
export const leaseName = () => new Argument('<name>', 'name of the lease, as listed by "gpu-clouds lease list"');

/** Parses a whole number from 0 up. @throws {InvalidArgumentError} for any other text */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** Parses a whole number from 1 up. @throws {InvalidArgumentError} for any other text */
export function atLeastOne(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

/** Parses a port from 1 to 65,535. @throws {InvalidArgumentError} for any other text */
export function port(text: string): number {
  const value = wholeNumber(text);
  if (value < 1 || value > 65_535) throw new InvalidArgumentError('It must be a port number from 1 to 65535.');
  return value;
}

/** Parses a number above 0. @throws {InvalidArgumentError} for any other text */
export function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/**
 * Parses one GPU name such as `H100` or `A100-80GB:4`, or several separated by commas. Appends them to those of earlier `--gpu` options.
 * @throws {InvalidArgumentError} for an unknown GPU or an invalid count
 */
export function gpuNames(text: string, earlier: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  try {
    names.forEach(parseGpu);
  } catch (error) {
    throw error instanceof GpuNameError ? new InvalidArgumentError(error.message) : error;
  }
  return [...earlier, ...names];
}
