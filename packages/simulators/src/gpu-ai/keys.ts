import { createHash } from 'node:crypto';
import type { Answer } from '../answer.ts';
import { textOf } from '../record.ts';
import { parsedKey } from '../ssh-server.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import type { Idempotency } from './idempotency.ts';
import { page } from './pages.ts';
import { errorResponse } from './problems.ts';

interface Key {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAt: string;
}

/** The SSH keys of the organization. */
export class Keys {
  readonly #world: World;
  readonly #keys = new Map<string, Key>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Returns the public keys with these ids, or all public keys without ids.
   * @throws ErrorResponse 422 when an id is unknown
   */
  publicKeys(ids: readonly string[]): readonly string[] {
    if (ids.length === 0) return [...this.#keys.values()].map(({ publicKey }) => publicKey);
    return ids.map((id) => {
      const key = this.#keys.get(id);
      if (key === undefined) throw errorResponse(422, 'validation_failed', `ssh_key_ids: no SSH key ${id}`);
      return key.publicKey;
    });
  }

  routes(idempotency: Idempotency): Route[] {
    return [
      { method: 'GET', path: '/ssh-keys', handle: ({ query }) => page([...this.#keys.values()].map(view), query) },
      { method: 'POST', path: '/ssh-keys', ...idempotency.once((call) => this.#add(call)) },
      {
        method: 'GET',
        path: '/ssh-keys/{}',
        handle: ({ params }) => ({ status: 200, json: view(this.#found(Object.values(params)[0])) }),
      },
      {
        method: 'DELETE',
        path: '/ssh-keys/{}',
        handle: ({ params }) => this.#delete(this.#found(Object.values(params)[0])),
      },
    ];
  }

  #add({ body }: Call): Answer {
    const publicKey = textOf(body, 'public_key') ?? '';
    const parsed = parsedKey(publicKey);
    if (parsed === undefined) throw errorResponse(422, 'validation_failed', 'public_key is not a valid SSH public key');
    const key = {
      id: `key_${this.#world.random.hex(16)}`,
      name: textOf(body, 'name') ?? '',
      publicKey,
      fingerprint: `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`,
      createdAt: new Date(this.#world.clock.now()).toISOString(),
    };
    this.#keys.set(key.id, key);
    this.#world.ledger.open('keys', { vendor: 'gpu-ai', id: key.id, name: key.name });
    return { status: 201, json: view(key) };
  }

  #found(id: string | undefined): Key {
    const key = this.#keys.get(id ?? '');
    if (key === undefined) throw errorResponse(404, 'not_found', 'SSH key not found');
    return key;
  }

  #delete({ id }: Key): Answer {
    this.#keys.delete(id);
    this.#world.ledger.close('keys', 'gpu-ai', id);
    return { status: 204 };
  }
}

function view({ id, name, fingerprint, createdAt }: Key) {
  return { id, name, fingerprint, created_at: createdAt };
}
