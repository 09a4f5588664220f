import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type InstanceConnection, leaseSummary, sshLogin } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { home, makeHome, masterSecret } from './settings.ts';
import type { Terminal } from './terminal.ts';

const sshFolder = (terminal: Terminal) => join(home(terminal), 'ssh');
const folderOf = (instanceName: string, terminal: Terminal) => join(sshFolder(terminal), instanceName);

/**
 * Writes the files that OpenSSH needs to log in to an instance: the private key, readable by this user only, and the pinned host key.
 * @returns the ssh command, which works from any folder
 * @throws {MasterSecretError} when GPU_CLOUDS_MASTER_SECRET is missing or too short
 */
export async function sshCommand(connection: InstanceConnection, terminal: Terminal): Promise<string> {
  const { privateKey, knownHost } = sshLogin(connection, masterSecret(terminal));
  const folder = resolve(folderOf(connection.keyName, terminal));
  await makeHome(terminal);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [key, hosts] = [join(folder, 'key'), join(folder, 'known_hosts')];
  await writeFile(key, privateKey, { mode: 0o600 });
  await writeFile(hosts, `${knownHost}\n`, { mode: 0o600 });
  const { host, port, user } = connection;
  const options = ['IdentitiesOnly=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${hosts}`];
  return ['ssh', '-i', key, ...options.flatMap((option) => ['-o', option]), '-p', String(port), `${user}@${host}`]
    .map(shellWord)
    .join(' ');
}

/** Removes the SSH files of a released instance. */
export async function removeSshFiles(instanceName: string, terminal: Terminal): Promise<void> {
  await rm(folderOf(instanceName, terminal), { recursive: true, force: true });
}

/** Removes the SSH files of leases that have ended, such as by their TTL. */
export async function removeEndedSshFiles(client: Client, terminal: Terminal): Promise<void> {
  for (const id of await readdir(sshFolder(terminal)).catch(() => [])) {
    const lease = await leaseSummary(client, id);
    if (lease === undefined || lease.endedAt !== undefined) await removeSshFiles(id, terminal);
  }
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
