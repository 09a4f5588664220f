import { createHash } from 'node:crypto';
import { parsedKey } from './ssh-server.ts';
import type { Vendor } from './vendor.ts';
import type { World } from './world.ts';

/** A registered SSH public key. */
export interface SshKey {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** The SSH keys of one account. */
export class KeyStore {
  readonly #world: World;
  readonly #vendor: Vendor;
  readonly #keys = new Map<string, SshKey>();

  constructor(world: World, vendor: Vendor) {
    this.#world = world;
    this.#vendor = vendor;
  }

  all(): readonly SshKey[] {
    return [...this.#keys.values()];
  }

  get(id: string): SshKey | undefined {
    return this.#keys.get(id);
  }

  named(name: string): SshKey | undefined {
    return this.all().find((key) => key.name === name);
  }

  /** Registers a key; returns undefined when it is not a valid OpenSSH public key. */
  add(id: string, name: string, publicKey: string): SshKey | undefined {
    const parsed = parsedKey(publicKey);
    if (parsed === undefined) return undefined;
    const digest = createHash('sha256').update(parsed.getPublicSSH()).digest('base64');
    const fingerprint = `SHA256:${digest.replace(/=+$/, '')}`;
    const key = { id, name, publicKey, fingerprint, createdAt: new Date(this.#world.clock.now()).toISOString() };
    this.#keys.set(id, key);
    this.#world.ledger.open('keys', { vendor: this.#vendor, id, name });
    return key;
  }

  /** Removes a key. No-op when the id is unknown. */
  remove(id: string): void {
    this.#keys.delete(id);
    this.#world.ledger.close('keys', this.#vendor, id);
  }
}
