import { createHash } from 'node:crypto';
import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { runCommand } from './run-command.ts';
import type { Tool } from './tools.ts';

const here = import.meta.dirname;

/** An installed tool. */
export interface Installed {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
}

/** Thrown when a tool cannot be installed here. The message is the installer's last line. */
export class InstallError extends Error {
  override readonly name = 'InstallError';

  constructor(output: string) {
    super(output.trim().split('\n').at(-1));
  }
}

/** Installs a tool. `folder` is for files that are not worth keeping. @throws InstallError */
export function installTool(tool: Tool, folder: string): Promise<Installed> {
  return 'go' in tool.install ? installGo(tool, tool.install.go, folder) : installPython(tool, tool.install.pypi);
}

/** Installs packages into a virtual environment, which later runs use again. */
async function installPython(tool: Tool, packages: readonly string[]): Promise<Installed> {
  const digest = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const environment = join(cache, 'gpu-clouds', 'vendors', `${tool.name}-${digest}`);
  const bin = join(environment, 'bin');
  const python = join(bin, 'python');
  const complete = join(environment, 'complete');
  // An interrupted installation has no mark, and Python does not start once its base was removed.
  const known = await stat(complete)
    .then(() => true)
    .catch(() => false);
  if (!known || (await runCommand(python, ['--version'])).code !== 0) {
    await rm(environment, { recursive: true, force: true });
    await must('python3', ['-m', 'venv', environment]);
    await must(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
    await writeFile(complete, '');
  }
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  return { command: [python, '-B', join(here, tool.script)], env: { PATH: path, PYTHONPATH: here } };
}

/** Builds a program with a Go module. Go keeps what it downloads and builds. */
async function installGo(tool: Tool, module: string, folder: string): Promise<Installed> {
  const source = join(folder, 'source');
  await mkdir(source);
  await copyFile(join(here, tool.script), join(source, 'main.go'));
  await must('go', ['mod', 'init', 'vendors'], source);
  await must('go', ['get', module], source);
  await must('go', ['build', '-o', 'tool', '.'], source);
  return { command: [join(source, 'tool')], env: {} };
}

async function must(command: string, args: readonly string[], cwd?: string): Promise<void> {
  const { code, output } = await runCommand(command, args, { cwd });
  if (code !== 0) throw new InstallError(output);
}
