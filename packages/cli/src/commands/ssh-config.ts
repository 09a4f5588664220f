import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { leaseHandle, listLeases } from '@gpu-clouds/jobs';
import { fleetOf } from '../settings.ts';
import { removeEndedSshFiles, sshFolder, writeSshFiles } from '../ssh-files.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

/** Prints one `Host` block for each active lease, or writes them to a file that `~/.ssh/config` includes. */
export async function sshConfig(
  { write = false, json }: { readonly write?: boolean | undefined; readonly json?: boolean | undefined },
  terminal: Terminal,
): Promise<void> {
  const hosts = await withTemporal(terminal, async (client) => {
    await removeEndedSshFiles(client, terminal);
    const found: { name: string; block: string }[] = [];
    for await (const { id, name, state } of listLeases(client, {
      fleet: await fleetOf(terminal, client),
      running: true,
    })) {
      const connection = state === 'ready' ? await leaseHandle(client, id).connection() : undefined;
      if (connection === undefined) continue;
      found.push({ name, block: (await writeSshFiles(name, connection, terminal)).block });
    }
    return found;
  });
  const config = hosts.map(({ block }) => block).join('\n');
  if (write) await install(config, terminal);
  if (json) terminal.out(JSON.stringify({ hosts: hosts.map(({ name }) => name), config }));
  else if (!write && hosts.length > 0) terminal.out(config.trimEnd());
  if (hosts.length === 0) terminal.note('No lease answers now. Run "gpu-clouds ls" to see active leases.');
  else if (write)
    terminal.note(
      `Now these work: ${hosts.map(({ name }) => `ssh ${name}`).join(', ')}. Run the command again after "gpu-clouds up".`,
    );
}

/** OpenSSH reads an `Include` in the first lines for every host. */
async function install(config: string, terminal: Terminal): Promise<void> {
  const file = join(sshFolder(terminal), 'config');
  await mkdir(sshFolder(terminal), { recursive: true, mode: 0o700 });
  await writeFile(file, config, { mode: 0o600 });
  const folder = join(terminal.env.HOME || homedir(), '.ssh');
  const own = join(folder, 'config');
  const text = await readFile(own, 'utf8').catch(() => '');
  const include = `Include "${file}"`;
  if (text.split('\n').includes(include)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(own, `${include}\n${text === '' ? '' : `\n${text}`}`, { mode: 0o600 });
  terminal.note(`Added a line to ${own}: ${include}`);
}
