import type { InstanceConnection } from '../instance-api.ts';
import { deriveSshKey } from './derive-key.ts';

/** What OpenSSH needs to log in to an instance without a prompt. */
export interface SshLogin {
  /** The private key in OpenSSH's PEM format. Write it to a file that only you can read (mode 0600). */
  readonly privateKey: string;
  /** The instance's line for a `known_hosts` file, with the host key that was pinned when the instance booted. */
  readonly knownHost: string;
}

/**
 * Returns the private key and the `known_hosts` line with which OpenSSH logs in to an instance.
 * @param masterSecret The master secret of the worker that created the instance.
 * @throws {MasterSecretError} The master secret is too short, or is not the one that the instance was created with.
 */
export function sshLogin(connection: InstanceConnection, masterSecret: string): SshLogin {
  const { host, port, hostPublicKey, keyName, secretId } = connection;
  const { privateKey } = deriveSshKey(masterSecret, keyName, secretId);
  return { privateKey, knownHost: `${port === 22 ? host : `[${host}]:${port}`} ${hostPublicKey}` };
}
