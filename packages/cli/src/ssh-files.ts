import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type InstanceConnection, type LeaseSummary, leaseSummary, sshLogin } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError } from './cli-error.ts';
import { home, makeHome, masterSecret } from './settings.ts';
import { shellWord } from './shell-word.ts';
import type { Terminal } from './terminal.ts';

export const sshFolder = (terminal: Terminal) => resolve(home(terminal), 'ssh');
const folderOf = (instanceName: string, terminal: Terminal) => join(sshFolder(terminal), instanceName);

/** Files with which OpenSSH logs in to one instance. */
export interface SshFiles {
  /** A configuration file for `ssh -F` and `scp -F`. */
  readonly configFile: string;
  /** Its content: one `Host` block. */
  readonly block: string;
  /** The host in it: the name of the lease, or the ID of the run with hyphens for colons, which scp would take for the end of a host. */
  readonly host: string;
}

/**
 * Writes the private key, readable by this user only, the pinned host key, and a configuration of OpenSSH that names them. All paths in
 * it are absolute.
 * @param name Name of the lease or ID of the run.
 * @throws {MasterSecretError} when GPU_CLOUDS_MASTER_SECRET is missing or too short
 * @throws {CliError} when the cloud or the instance reported an address or a host key that could be read as something else
 */
export async function writeSshFiles(
  name: string,
  connection: InstanceConnection,
  terminal: Terminal,
): Promise<SshFiles> {
  const host = name.replaceAll(/[^A-Za-z0-9-]/g, '-');
  checkFields(host, connection);
  const { privateKey, knownHost } = sshLogin(connection, masterSecret(terminal));
  const folder = folderOf(connection.keyName, terminal);
  await makeHome(terminal);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [key, hosts, configFile] = [join(folder, 'key'), join(folder, 'known_hosts'), join(folder, 'config')];
  const block = [
    `Host ${host}`,
    `  HostName ${connection.host}`,
    `  Port ${connection.port}`,
    `  User ${connection.user}`,
    `  IdentityFile "${key}"`,
    '  IdentitiesOnly yes',
    '  StrictHostKeyChecking yes',
    `  UserKnownHostsFile "${hosts}"`,
    '  LogLevel ERROR',
    '',
  ].join('\n');
  await writeFile(key, privateKey, { mode: 0o600 });
  await writeFile(hosts, `${knownHost}\n`, { mode: 0o600 });
  await writeFile(configFile, block, { mode: 0o600 });
  return { configFile, block, host };
}

/** What may be written to a configuration of OpenSSH. A line break in a value could begin an option, such as ProxyCommand. */
const fields = {
  name: /^[A-Za-z0-9][A-Za-z0-9-]*$/,
  host: /^[A-Za-z0-9[:][A-Za-z0-9.:_\]-]*$/,
  port: /^\d+$/,
  user: /^[A-Za-z_][A-Za-z0-9._-]*$/,
  hostPublicKey: /^[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+$/,
} as const;

function checkFields(name: string, { host, port, user, hostPublicKey }: InstanceConnection): void {
  const values = { name, host, port: String(port), user, hostPublicKey };
  for (const field of ['name', 'host', 'port', 'user', 'hostPublicKey'] as const) {
    if (fields[field].test(values[field])) continue;
    const value = JSON.stringify(values[field]);
    throw new CliError(`"${name}" has no usable ${field}: ${value}. Release it, and rent another instance.`);
  }
}

/** Returns the ssh command, which works from any folder. */
export function sshCommand({ configFile, host }: SshFiles): string {
  return ['ssh', '-F', configFile, host].map(shellWord).join(' ');
}

/** Removes the SSH files of a released instance. */
export async function removeSshFiles(instanceName: string, terminal: Terminal): Promise<void> {
  await rm(folderOf(instanceName, terminal), { recursive: true, force: true });
}

/** Removes the SSH files of instances that have ended, such as by their TTL. */
export async function removeEndedSshFiles(
  client: Client,
  terminal: Terminal,
  summaryOf: (client: Client, id: string) => Promise<Pick<LeaseSummary, 'endedAt'> | undefined> = leaseSummary,
): Promise<void> {
  const entries = await readdir(sshFolder(terminal), { withFileTypes: true }).catch(() => []);
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const lease = await summaryOf(client, name);
    if (lease === undefined || lease.endedAt !== undefined) await removeSshFiles(name, terminal);
  }
}
