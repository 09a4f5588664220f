import { Argument, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { GpuNameError, mostSimilar, parseGpu, type Vendor, vendors } from '@gpu-clouds/clouds/gpu';
import type { BudgetLimit, JobOutcome, JobPhase } from '@gpu-clouds/jobs';

export const json = () => new Option('--json', 'print the result as JSON, as described in output.schema.json');
export const runId = () => new Argument('<id>', 'ID of the run, as listed by "gpu-clouds ps"').argParser(id);
export const batchId = () => new Argument('<id>', 'ID of the batch, as listed by "gpu-clouds batch list"');
export const scheduleName = () =>
  new Argument('<name>', 'name of the schedule, as listed by "gpu-clouds schedule list"');
export const leaseName = () => new Argument('<name>', 'name of the lease, as listed by "gpu-clouds ls"');

/** Checks the ID of a run, or the name of a lease. The IDs of scheduled runs have colons. @throws {InvalidArgumentError} for any other text */
export function id(text: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9.:_-]*$/.test(text))
    throw new InvalidArgumentError(
      'It must be letters, digits, dots, hyphens, colons, and underscores, and start with a letter or digit.',
    );
  return text;
}

/** Checks the name of a lease or token. @throws {InvalidArgumentError} for any other text */
export function plainName(text: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9-]{0,59}$/.test(text))
    throw new InvalidArgumentError(
      'It must be up to 60 letters, digits, and hyphens, and start with a letter or digit.',
    );
  return text;
}

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
  if (/^\d+\s*[a-z]+$/i.test(text)) throw new InvalidArgumentError('It must be a number above 0, without a unit.');
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Parses US dollars from 0 up. @throws {InvalidArgumentError} for any other text */
export function usd(text: string): number {
  if (!/^\$?\d{1,9}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be US dollars from 0 up.');
  return Number(text.replace('$', ''));
}

/** Checks the name of the agents' account, so that it is no other account of the budget. @throws {InvalidArgumentError} for any other text */
export function agentAccount(text: string): string {
  if (!/^mcp(-[a-z0-9-]{1,40})?$/.test(text))
    throw new InvalidArgumentError('It must be mcp, or mcp- and up to 40 lowercase letters, digits, and hyphens.');
  return text;
}

/** Parses names separated by commas. @throws {InvalidArgumentError} for an empty name */
export function nameList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It must be names separated by commas.');
  return names;
}

/** Parses a budget such as `50/day` or `$900/month`. @throws {InvalidArgumentError} for any other text */
export function budgetLimit(text: string): BudgetLimit {
  const [, amount = '', per] = /^\$?(\d+(?:\.\d+)?)\/(day|month)$/.exec(text) ?? [];
  if (!(Number(amount) > 0) || (per !== 'day' && per !== 'month')) {
    throw new InvalidArgumentError('It must be US dollars above 0 per day or month, for example 50/day.');
  }
  return { dollars: Number(amount), per };
}

/** Parses a duration into seconds. @throws {InvalidArgumentError} for any other text */
export function duration(text: string): number {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(s|m|h|d)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new InvalidArgumentError('It must be a number and s, m, h, or d, for example 90s, 30m, or 2h.');
  return Number(amount) * (secondsIn[unit] ?? 1);
}

const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

const [dayInSeconds, maxDays] = [86_400, 365];

/**
 * Checks a duration such as `90s` or `2h` that is passed on as text.
 * @throws {InvalidArgumentError} for any other text, for 0, and for more than 365 days, which jobs and leases refuse
 */
export function durationText(text: string): string {
  const seconds = duration(text);
  if (seconds === 0) throw new InvalidArgumentError('It must be longer than 0.');
  if (seconds > maxDays * dayInSeconds) throw new InvalidArgumentError(`It must be at most ${maxDays}d.`);
  return text;
}

/** The longest time in days that a timer of Node can wait, and that a command is left waiting for. */
const maxWaitDays = 24;

/** Parses how long a command waits into seconds. @throws {InvalidArgumentError} for any other text, and for more than 24 days */
export function waitTime(text: string): number {
  const seconds = duration(text);
  if (seconds > maxWaitDays * dayInSeconds) throw new InvalidArgumentError(`It must be at most ${maxWaitDays}d.`);
  return seconds;
}

/** Checks the idle time of a lease, which must leave time to log in. @throws {InvalidArgumentError} for less than five minutes */
export function idleTime(text: string): string {
  if (duration(durationText(text)) < 300)
    throw new InvalidArgumentError('It must be at least 5m, so that there is time to log in.');
  return text;
}

/** Parses a moment: a duration before now, such as `2h`, or a date such as `2026-11-20`. @throws {InvalidArgumentError} for any other text */
export function since(text: string): Date {
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) return date;
  }
  try {
    return new Date(Date.now() - duration(text) * 1000);
  } catch {
    throw new InvalidArgumentError('It must be a duration such as 30m, 2h, or 7d, or a date such as 2026-11-20.');
  }
}

/**
 * Parses one GPU name such as `H100` or `A100-80GB:4`, or several separated by commas. Appends them to those of earlier `--gpu` options.
 * @throws {InvalidArgumentError} for an unknown GPU or an invalid count
 */
export function gpuNames(text: string, earlier: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('A name is missing beside a comma.');
  try {
    names.forEach(parseGpu);
  } catch (error) {
    throw error instanceof GpuNameError ? new InvalidArgumentError(error.message) : error;
  }
  return [...earlier, ...names];
}

/** Parses one cloud or several separated by commas. Appends them to earlier ones. @throws {InvalidArgumentError} for an unknown cloud */
export function vendorNames(text: string, earlier: readonly Vendor[] = []): readonly Vendor[] {
  return [...earlier, ...text.split(',').map((name) => oneOf('cloud', vendors, name.trim().toLowerCase()))];
}

/** The types demand every phase and outcome. The values of the package are not loaded: the help does without it. */
const runStates: Readonly<Record<Exclude<JobPhase, 'finished'> | JobOutcome, true>> = {
  'finding-offers': true,
  creating: true,
  booting: true,
  uploading: true,
  downloading: true,
  'pulling-image': true,
  'setting-up': true,
  running: true,
  collecting: true,
  destroying: true,
  succeeded: true,
  failed: true,
  stopped: true,
  cancelled: true,
};

/** Checks the phase or the outcome of a run. @throws {InvalidArgumentError} for any other text */
export function runState(text: string): string {
  return oneOf('state', Object.keys(runStates), text);
}

function oneOf<T extends string>(what: string, known: readonly T[], name: string): T {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  const meant = mostSimilar(name, known);
  const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  throw new InvalidArgumentError(`Unknown ${what} "${name}".${hint} The ${what}s are ${known.join(', ')}.`);
}

/** Appends a value to those of earlier options of the same name. */
export function repeated(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

/** Parses `NAME=VALUE` and adds it to earlier pairs. @throws {InvalidArgumentError} for a text without `=` or without a name */
export function pair(text: string, earlier: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must be NAME=VALUE.');
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}
