import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { CliError, exitCodes } from '../cli-error.ts';
import { connectionTo } from '../leases.ts';
import { shellWord } from '../shell-word.ts';
import { type SshFiles, sshCommand, writeSshFiles } from '../ssh-files.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  /** Node of a run, from 0. */
  readonly node?: number | undefined;
}

/**
 * Logs in to the instance of a lease or run, or prints the command that does.
 * @returns the exit code of ssh
 */
export async function ssh(
  name: string,
  { node, print, json }: Options & { readonly print?: boolean | undefined; readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<number> {
  const files = await filesFor(name, node, terminal);
  const command = sshCommand(files);
  if (json) terminal.out(JSON.stringify({ name, ssh: command, configFile: files.configFile }));
  else if (print) terminal.out(command);
  else return openSsh('ssh', ['-F', files.configFile, files.host], 'inherit', terminal);
  return exitCodes.success;
}

/**
 * Runs a command on the instance of a lease or run. Both of its streams are passed on unchanged, or escaped on a terminal.
 * @returns the exit code of the command
 * @throws {CliError} when there is no command
 */
export async function exec(
  name: string,
  command: readonly string[],
  { node }: Options,
  terminal: Terminal,
): Promise<number> {
  if (command.length === 0)
    throw new CliError(`Name a command behind "--", such as: gpu-clouds exec ${name} -- nvidia-smi`, {
      exitCode: exitCodes.usage,
    });
  const { configFile, host } = await filesFor(name, node, terminal);
  const [script = '', ...more] = command;
  const remote = more.length === 0 ? script : command.map(shellWord).join(' ');
  return openSsh('ssh', ['-F', configFile, '-T', host, '--', remote], 'pipe', terminal);
}

/**
 * Copies files or folders to or from an instance with scp.
 * @returns the exit code of scp
 * @throws {CliError} unless exactly one of the two paths is on an instance
 */
export async function cp(from: string, to: string, { node }: Options, terminal: Terminal): Promise<number> {
  const [source, target] = [remotePath(from), remotePath(to)];
  const name = (source ?? target)?.name;
  if (name === undefined || (source !== undefined && target !== undefined))
    throw new CliError('Write one of the two paths as NAME:PATH, such as: gpu-clouds cp mine:model.bin .', {
      exitCode: exitCodes.usage,
    });
  const { configFile, host } = await filesFor(name, node, terminal);
  const paths = [source ?? from, target ?? to].map((path) =>
    typeof path === 'string' ? path : `${host}:${path.path}`,
  );
  return openSsh('scp', ['-F', configFile, '-r', '--', ...paths], 'inherit', terminal);
}

/** Temporal puts the time into the ID of a scheduled run: `nightly-2026-11-29T22:20:36Z`. */
const remotePattern = /^([A-Za-z0-9][A-Za-z0-9-]*?(?:-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?):(.*)$/s;

/** Splits `NAME:PATH`. Returns undefined for a local path, which has a slash before its first colon, or no colon. */
export function remotePath(text: string): { readonly name: string; readonly path: string } | undefined {
  const [, name, path] = remotePattern.exec(text) ?? [];
  return name === undefined || path === undefined ? undefined : { name, path };
}

async function filesFor(name: string, node: number | undefined, terminal: Terminal): Promise<SshFiles> {
  return withTemporal(terminal, async (client) =>
    writeSshFiles(name, await connectionTo(client, name, node, terminal), terminal),
  );
}

/** Runs a program of OpenSSH. @returns its exit code, or 128 plus the number of the signal that ended it */
export async function openSsh(
  program: 'ssh' | 'scp',
  args: readonly string[],
  output: 'inherit' | 'pipe',
  { signal, raw, rawError }: Pick<Terminal, 'signal' | 'raw' | 'rawError'>,
): Promise<number> {
  const child = spawn(program, args, { stdio: ['inherit', output, output], signal });
  child.stdout?.on('data', raw);
  child.stderr?.on('data', rawError);
  try {
    const [code, ended]: [number | null, NodeJS.Signals | null] = await once(child, 'close').then(([first, second]) => [
      first,
      second,
    ]);
    return code ?? 128 + (ended === null ? 0 : constants.signals[ended]);
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    throw new CliError(
      `Cannot run ${program}. Install OpenSSH, or use the configuration that "gpu-clouds ssh-config" prints.`,
      {
        cause: error,
      },
    );
  }
}
