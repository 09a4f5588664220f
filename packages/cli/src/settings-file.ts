import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { CliError, exitCodes } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/** One `NAME=VALUE`, as `parseEnv` reads it. Quoted values may have several lines. */
const setting = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:'[^']*'|"[^"]*"|`[^`]*`|[^\r\n]*)[ \t]*(?:#.*)?$/gm;

/**
 * Returns the terminal with the settings of a file. Environment variables take precedence. No file is read unless it is named: a `.env` of
 * somebody else's folder could send the credentials in the environment to another address.
 * @param named The file of `--settings`. Default: GPU_CLOUDS_SETTINGS, else none.
 * @throws {CliError} when the file cannot be read, or has a line that is no setting
 */
export function withSettingsFile(terminal: Terminal, named: string | undefined): Terminal {
  const path = named ?? terminal.env.GPU_CLOUDS_SETTINGS;
  if (!path) return terminal;
  const settings = parseEnv(checked(read(path), path));
  const names = Object.keys(settings).filter((name) => terminal.env[name] === undefined);
  return { ...terminal, env: { ...settings, ...terminal.env }, settingsFile: { path: resolve(path), names } };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(
      `Cannot read the settings file ${path}: ${reasonOf(error)}. Check --settings or GPU_CLOUDS_SETTINGS. "gpu-clouds dev" writes .gpu-clouds/dev.env.`,
      { cause: error, exitCode: exitCodes.usage },
    );
  }
}

/** @throws {CliError} for a line that `parseEnv` would skip without a word */
function checked(text: string, path: string): string {
  const rest = text.replace(setting, (match) => match.replace(/[^\n]/g, ''));
  const at = rest.split('\n').findIndex((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  if (at < 0) return text;
  throw new CliError(`${path}:${at + 1} is not NAME=VALUE. Correct the line, or begin it with #.`, {
    exitCode: exitCodes.usage,
  });
}

/** Says why a file cannot be read. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? code;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
