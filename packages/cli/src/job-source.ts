import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { type Job, type JobInput, jobFrom, parseJob } from '@gpu-clouds/jobs';
import { CliError, exitCodes } from './cli-error.ts';
import type { OfferFilters } from './commands/offers.ts';
import { reasonOf } from './settings-file.ts';
import { shellWord } from './shell-word.ts';
import type { Terminal } from './terminal.ts';

/** What `run` runs: a job file, or a command. */
export interface JobArguments {
  /** The arguments before `--`. */
  readonly files: readonly string[];
  /** The arguments behind `--`. */
  readonly command: readonly string[];
}

/** Options of `run` that describe the job. With a job file they override its fields, or add to its lists. */
export interface JobOptions extends OfferFilters {
  readonly name?: string | undefined;
  /** Maximum cost of the run in US dollars. */
  readonly maxCost?: number | undefined;
  readonly maxDuration?: string | undefined;
  /** Number of GPUs. */
  readonly gpus?: number | undefined;
  /** How long to wait for an offer or the budget. */
  readonly wait?: string | undefined;
  /** `PATH` or `PATH:TO`. */
  readonly upload?: readonly string[] | undefined;
  /** `PATH` or `PATH:TO`. */
  readonly download?: readonly string[] | undefined;
  readonly setup?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly secret?: readonly string[] | undefined;
}

/**
 * Returns the job of a job file, of standard input (`-`), or of a command.
 * @throws {JobError} when the job is invalid
 * @throws {CliError} when there is neither a file nor a command, or both
 */
export async function jobOf(source: JobArguments, options: JobOptions, terminal: Terminal): Promise<Job> {
  const { files, command } = source;
  const [file, ...more] = files;
  if (file === undefined && command.length === 0) throw usage('Name a job file, or a command behind "--".');
  if (more.length > 0)
    throw usage(`One job file at a time: "${more.join('", "')}" is too much. A command goes behind "--".`);
  if (file !== undefined && command.length > 0) throw usage(`Name either the job file ${file} or a command, not both.`);
  if (file === undefined) return jobFrom(plain(inlineJob(command, options)), 'command line');
  const isInput = file === '-';
  const job = parseJob(isInput ? await input(terminal) : await textOf('job', file), isInput ? 'standard input' : file);
  return hasOptions(options) ? overridden(job, options, file) : job;
}

/** @throws {CliError} when the file cannot be read */
export async function textOf(what: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const hint = what === 'job' ? ' Run "gpu-clouds init" to write one. A command goes behind "--".' : '';
    throw new CliError(`Cannot read the ${what} file ${file}: ${reasonOf(error)}.${hint}`, {
      cause: error,
      exitCode: exitCodes.usage,
    });
  });
}

function usage(message: string): CliError {
  return new CliError(`${message} Run "gpu-clouds run --help" for usage.`, { exitCode: exitCodes.usage });
}

async function input({ stdin }: Terminal): Promise<string> {
  if (stdin === undefined) throw usage('There is no standard input.');
  return stdin();
}

function inlineJob(command: readonly string[], options: JobOptions): JobInput {
  return {
    name: options.name ?? nameOf(command),
    command: scriptOf(command),
    setup: options.setup,
    env: options.env,
    secrets: options.secret === undefined ? undefined : [...options.secret],
    files: { up: uploads(options), down: transfers(options.download) },
    resources: { ...resourcesOf(options) },
    retry: { onNoOffer: options.wait },
    limits: { ...limitsOf(options) },
  };
}

/** One argument is a script. Several are a command with its arguments. */
function scriptOf(command: readonly string[]): string {
  const [only = '', ...more] = command;
  return more.length === 0 ? only : command.map(shellWord).join(' ');
}

/** Returns `train` for `python train.py --epochs 3`: the first word that looks like a script, else the program. A script in one argument is `run`. */
function nameOf(command: readonly string[]): string {
  const words = command
    .flatMap((argument) => argument.split(/\s+/))
    .filter((word) => word !== '' && !word.includes('='));
  const script =
    words.find((word) => /\.\w{1,5}$/.test(word)) ??
    (command.length > 1 || words.length === 1 ? words[0] : undefined) ??
    'run';
  const name = basename(script)
    .replace(/\.\w+$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return name.slice(0, 40).replace(/^-+|-+$/g, '') || 'run';
}

/** Reads `model.bin` or `model.bin:results/model.bin`. */
function transfers(paths: readonly string[] = []): { from: string; to: string }[] {
  return paths.map((path) => {
    const [from = '', to = from] = path.split(/:(?!.*:)/);
    return { from, to: to === '' ? from : to };
  });
}

/** Paths on the command line are relative to the working directory, not to the job file. */
function uploads({ upload }: JobOptions): { from: string; to: string }[] {
  return transfers(upload).map(({ from, to }) => ({ from: resolve(from), to }));
}

function resourcesOf({ gpu, gpus, memory, region, vendor, spot }: JobOptions): NonNullable<JobInput['resources']> {
  return {
    gpu: gpu === undefined ? undefined : [...gpu],
    count: gpus,
    minGpuMemory: memory,
    regions: region === undefined ? undefined : [...region],
    vendors: vendor === undefined ? undefined : [...vendor],
    spot,
  };
}

function limitsOf({ maxCost, maxDuration, maxPrice }: JobOptions): NonNullable<JobInput['limits']> {
  return { maxCost, maxDuration, maxPricePerHour: maxPrice };
}

function hasOptions(options: JobOptions): boolean {
  const own = [resourcesOf(options), limitsOf(options)].flatMap((values) => Object.values(values));
  const { name, wait, upload, download, setup, env, secret } = options;
  return [...own, name, wait, upload, download, setup, env, secret].some((value) => value !== undefined);
}

const noFiles = { folder: undefined, up: [], down: [] };

/** Applies the options to a checked job, and checks it again. */
function overridden(job: Job, options: JobOptions, file: string): Job {
  const { count, ...resources } = job.resources;
  const { folder, up, down } = job.mode === 'instance' ? job.files : noFiles;
  const files = { up: [...up, ...uploads(options)], down: [...down, ...transfers(options.download)] };
  const hasFiles = files.up.length + files.down.length > 0;
  return jobFrom(
    plain({
      ...job,
      // A job deployment has neither: parseJob says so.
      ...defined({ setup: options.setup, files: hasFiles ? files : undefined }),
      name: options.name ?? job.name,
      env: { ...job.env, ...options.env },
      secrets: [...new Set([...job.secrets, ...(options.secret ?? [])])],
      // A count belongs to the GPUs of the file.
      resources: {
        ...resources,
        count: options.gpu === undefined ? count : undefined,
        ...defined(resourcesOf(options)),
      },
      retry: { ...job.retry, onNoOffer: options.wait ?? job.retry.onNoOffer },
      limits: { ...job.limits, ...defined(limitsOf(options)) },
    }),
    folder === undefined ? file : `${folder}/${basename(file)}`,
  );
}

/** Without the fields that are undefined, as a job file has none. */
function plain(source: object): unknown {
  return JSON.parse(JSON.stringify(source));
}

function defined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
