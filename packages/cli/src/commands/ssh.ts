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
  const command = sshCommand(name, files);
  if (json) terminal.out(JSON.stringify({ name, ssh: command, configFile: files.configFile }));
  else if (print) terminal.out(command);
  else return openSsh('ssh', ['-F', files.configFile, name], 'inherit', terminal);
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
  const { configFile } = await filesFor(name, node, terminal);
  const [script = '', ...more] = command;
  const remote = more.length === 0 ? script : command.map(shellWord).join(' ');
  return openSsh('ssh', ['-F', configFile, '-T', name, '--', remote], 'pipe', terminal);
}

/**
 * Copies files or folders to or from an instance with scp.
 * @returns the exit code of scp
 * @throws {CliError} unless exactly one of the two paths is on an instance
 */
export async function cp(from: string, to: string, { node }: Options, terminal: Terminal): Promise<number> {
  const [source, target] = [remoteName(from), remoteName(to)];
  const name = source ?? target;
  if (name === undefined || (source !== undefined && target !== undefined))
    throw new CliError('Write one of the two paths as NAME:PATH, such as: gpu-clouds cp mine:model.bin .', {
      exitCode: exitCodes.usage,
    });
  const { configFile } = await filesFor(name, node, terminal);
  return openSsh('scp', ['-F', configFile, '-r', '--', from, to], 'inherit', terminal);
}

/** `mine` of `mine:path`. A path with a slash before the colon is local. */
function remoteName(path: string): string | undefined {
  return /^([A-Za-z0-9][A-Za-z0-9-]*):/.exec(path)?.[1];
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
