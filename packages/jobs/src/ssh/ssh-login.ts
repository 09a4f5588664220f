import type { InstanceConnection } from '../instance-api.ts';
import { deriveSshKey } from './derive-key.ts';

/** What OpenSSH needs to log in to an instance without a question. */
export interface SshLogin {
  /** OpenSSH private key, PEM, for a file that nobody else may read. */
  readonly privateKey: string;
  /** The line of a `known_hosts` file for the instance: its host key is the one that was pinned when it booted. */
  readonly knownHost: string;
}

/**
 * Tells how OpenSSH logs in to an instance.
 * @param masterSecret The worker's own.
 * @throws MasterSecretError
 */
export function sshLogin(connection: InstanceConnection, masterSecret: string): SshLogin {
  const { host, port, hostPublicKey, keyName } = connection;
  const { privateKey } = deriveSshKey(masterSecret, keyName);
  return { privateKey, knownHost: `${port === 22 ? host : `[${host}]:${port}`} ${hostPublicKey}` };
}
