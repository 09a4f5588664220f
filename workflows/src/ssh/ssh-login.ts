import type { InstanceConnection } from '../workflows/instance-api.ts';
import { deriveSshKey } from './derive-key.ts';
import { openSession } from './ssh-session.ts';

/** What OpenSSH needs to log in to a machine without a question. */
export interface SshLogin {
  /** OpenSSH private key, PEM, for a file that nobody else may read. */
  readonly privateKey: string;
  /** The line of a `known_hosts` file for the machine: its host key is the one that was pinned when it booted. */
  readonly knownHost: string;
}

/**
 * Logs in to a machine once, and tells how OpenSSH can: `known_hosts` wants the whole host key, and what is pinned is its fingerprint.
 * @param masterSecret The worker's own.
 * @throws MasterSecretError, and SshError when it does not answer, or is another machine than before.
 */
export async function sshLogin(
  connection: InstanceConnection,
  masterSecret: string,
  signal?: AbortSignal,
): Promise<SshLogin> {
  const { host, port, user, hostKey, keyName } = connection;
  const { privateKey } = deriveSshKey(masterSecret, keyName);
  const session = await openSession({ address: { host, port, user }, hostKey, privateKey }, signal);
  session.close();
  return { privateKey, knownHost: `${port === 22 ? host : `[${host}]:${port}`} ${session.hostPublicKey}` };
}
