import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { credentialVariables, parseGpu } from '@gpu-clouds/clouds/pure';
import { exitCodes } from '../cli-error.ts';
import { shellWord } from '../shell-word.ts';
import type { Prompts, Terminal } from '../terminal.ts';
import { writeError } from '../write-error.ts';

export interface InitOptions {
  /** Ask nothing. */
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

interface Answers {
  readonly gpu: string;
  readonly command: string;
}

const defaults: Answers = { gpu: 'RTX 4090', command: 'nvidia-smi' };

/**
 * Writes the files of a new project into the working directory. Keeps files that exist.
 * @returns 0, or 130 when the person cancels
 */
export async function init({ yes, json }: InitOptions, terminal: Terminal): Promise<number> {
  const answers = yes || terminal.prompts === undefined ? defaults : await ask(terminal.prompts, terminal);
  if (answers === undefined) {
    terminal.note('Nothing was written.');
    return exitCodes.interrupted;
  }
  const files = {
    'job.yaml': { text: jobFile(answers), mode: 0o644 },
    '.env': { text: envFile(), mode: 0o600 },
    '.gpucloudsignore': { text: ignoreFile, mode: 0o644 },
  };
  const written: string[] = [];
  const kept: string[] = [];
  for (const [name, { text, mode }] of Object.entries(files)) {
    const isNew = await writeNew(name, text, mode);
    (isNew ? written : kept).push(name);
  }
  if (await ignoreInGit()) written.push('.gitignore');
  if (json) terminal.out(JSON.stringify({ written, kept }));
  else report(written, kept, terminal);
  return exitCodes.success;
}

function report(written: readonly string[], kept: readonly string[], { note }: Terminal): void {
  for (const name of written) note(`wrote ${name}`);
  for (const name of kept) note(`kept ${name}, which exists`);
  note('To try it without an account:');
  note('  gpu-clouds dev');
  note('  export GPU_CLOUDS_SETTINGS=$PWD/.gpu-clouds/dev.env  # in another terminal');
  note('  gpu-clouds run job.yaml');
  note('With your own clouds, add their credentials to .env, and use it:');
  note(`  export GPU_CLOUDS_SETTINGS=${shellWord(resolve('.env'))}`);
  note('  gpu-clouds doctor');
}

async function ask(prompts: Prompts, { note }: Terminal): Promise<Answers | undefined> {
  for (;;) {
    const gpu = await prompts.text('Which GPU?', defaults.gpu);
    if (gpu === undefined) return undefined;
    const problem = problemOf(gpu);
    if (problem !== undefined) {
      note(`gpu-clouds: ${problem}`);
      continue;
    }
    const command = await prompts.text('Which command should it run?', defaults.command);
    return command === undefined ? undefined : { gpu, command };
  }
}

function problemOf(gpu: string): string | undefined {
  try {
    parseGpu(gpu);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns false if the file exists */
async function writeNew(name: string, text: string, mode: number): Promise<boolean> {
  try {
    await writeFile(name, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw notWritten(name, error);
  }
}

function notWritten(name: string, error: unknown): unknown {
  return writeError(resolve(name), error, 'Correct this, or run "gpu-clouds init" in another folder.');
}

/** The secret must not be committed. @returns whether .gitignore was changed */
async function ignoreInGit(): Promise<boolean> {
  if (!existsSync('.git')) return false;
  const text = await readFile('.gitignore', 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const missing = ['.env', '.gpu-clouds/'].filter((line) => !lines.includes(line) && !lines.includes(`/${line}`));
  if (missing.length === 0) return false;
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  await writeFile('.gitignore', `${start}${missing.join('\n')}\n`).catch((error: unknown) => {
    throw notWritten('.gitignore', error);
  });
  return true;
}

function jobFile({ gpu, command }: Answers): string {
  return `# yaml-language-server: $schema=https://unpkg.com/@gpu-clouds/jobs/dist/generated/job.schema.json
name: first-job
resources:
  gpu: ${JSON.stringify(gpu)} # several in one instance: "H100:8"; alternatives: [H100, H200]
# files: # paths in the folder of this file
#   up: [{ from: train.py, to: train.py }]
#   down: [{ from: model.bin, to: model.bin }]
# setup: pip install torch
command: ${JSON.stringify(command)}
limits:
  maxDuration: 1h
  maxCost: 5 # US dollars
`;
}

function envFile(): string {
  return `# Settings of gpu-clouds: gpu-clouds --settings .env … Keep this file out of version control.
GPU_CLOUDS_MASTER_SECRET=${randomBytes(32).toString('base64')}
# Credentials of the clouds that you use:
${Object.values(credentialVariables)
  .flat()
  .map((name) => `# ${name}=\n`)
  .join('')}# Variables that jobs may name in "secrets":
# GPU_CLOUDS_JOB_SECRETS=HF_TOKEN
# S3 buckets that jobs may use in "files":
# GPU_CLOUDS_JOB_BUCKETS=datasets,results
`;
}

const ignoreFile = `# What "files.up" leaves out, in the form of .gitignore. .env files and .git are always left out.
node_modules/
__pycache__/
.venv/
*.log
`;
