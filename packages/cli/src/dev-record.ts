import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError } from './cli-error.ts';

/** Name of the settings file that a local stack writes in its folder. */
export const devSettingsName = 'dev.env';

/** The local stack that runs in a folder, as recorded in its `dev.json`. */
export interface DevRecord {
  /**
   * Writes the environment of the stack to `dev.env`, which only this user can read. Its secrets work for the simulated clouds only.
   * @returns the absolute path of the file
   */
  publish(env: Readonly<Record<string, string>>, uiUrl: string | undefined): Promise<string>;
  /** Removes the record and the environment. */
  release(): Promise<void>;
}

/**
 * Records that this process runs the stack of a folder. Two stacks would share a database and take each other's work.
 * @throws {CliError} when another process runs it; the message says where
 */
export async function claimFolder(folder: string): Promise<DevRecord> {
  const [record, settingsFile] = [join(folder, 'dev.json'), join(folder, devSettingsName)];
  const claim = () => writeFile(record, JSON.stringify({ pid: process.pid }), { flag: 'wx', mode: 0o600 });
  try {
    await claim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const { pid, uiUrl } = await read(record);
    if (pid !== undefined && isAlive(pid)) {
      const ui = uiUrl === undefined ? '' : ` Temporal's web interface is ${uiUrl}.`;
      throw new CliError(
        `The local stack of this folder already runs as process ${pid}.${ui} Use it: gpu-clouds --settings ${settingsFile} offers. Or stop it: kill ${pid}`,
        { cause: error },
      );
    }
    // The process ended without removing its record.
    await rm(record, { force: true });
    await claim();
  }
  return {
    async publish(env, uiUrl) {
      const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
      await writeFile(settingsFile, lines.join(''), { mode: 0o600 });
      await writeFile(record, JSON.stringify({ pid: process.pid, uiUrl }), { mode: 0o600 });
      return settingsFile;
    },
    async release() {
      for (const file of [settingsFile, record]) await rm(file, { force: true });
    },
  };
}

async function read(file: string): Promise<{ readonly pid?: number | undefined; readonly uiUrl?: string | undefined }> {
  try {
    const { pid, uiUrl }: { pid?: unknown; uiUrl?: unknown } = JSON.parse(await readFile(file, 'utf8'));
    return {
      pid: typeof pid === 'number' ? pid : undefined,
      uiUrl: typeof uiUrl === 'string' ? uiUrl : undefined,
    };
  } catch {
    return {};
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
