import { textOf } from '../record.ts';
import { parsedKey } from '../ssh-server.ts';
import type { Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

interface Key {
  readonly id: string;
  readonly name: string;
  readonly public_key: string;
}

/** The SSH keys of the account. A launch selects them by name. */
export class Keys {
  readonly #world: World;
  readonly #keys = new Map<string, Key>();

  constructor(world: World) {
    this.#world = world;
  }

  named(name: string): Key | undefined {
    return [...this.#keys.values()].find((key) => key.name === name);
  }

  routes(): Route[] {
    return [
      {
        method: 'GET',
        path: '/ssh-keys',
        handle: () => ({ status: 200, json: { sshKeys: [...this.#keys.values()] } }),
      },
      {
        method: 'POST',
        path: '/ssh-keys',
        handle: ({ body }) => ({
          status: 200,
          json: { sshKey: this.#add(textOf(body, 'name') ?? '', textOf(body, 'publicKey') ?? '') },
        }),
      },
      {
        method: 'DELETE',
        path: '/ssh-keys/{}',
        handle: ({ params }) => {
          const id = Object.values(params)[0] ?? '';
          // Deleting an unknown key is not an error: the vendor's own end-to-end notes of 2026-07-30 (massed-compute-mcp).
          if (this.#keys.delete(id)) this.#world.ledger.close('keys', 'massed-compute', id);
          return { status: 200, json: { result: {} } };
        },
      },
    ];
  }

  #add(name: string, publicKey: string): Key {
    if (name === '') throw errorResponse(422, 'The SSH key needs a name');
    // The live API rejects hyphens: skyward and brevdev/cloud. The message is a guess.
    if (!/^[A-Za-z0-9 ]+$/.test(name)) throw errorResponse(422, 'The SSH key name must be alphanumeric');
    if (this.named(name) !== undefined) throw errorResponse(422, 'An SSH key with this name already exists');
    if (parsedKey(publicKey) === undefined) throw errorResponse(422, 'The SSH key is not valid');
    const key = { id: this.#world.random.uuid(), name, public_key: publicKey };
    this.#keys.set(key.id, key);
    this.#world.ledger.open('keys', { vendor: 'massed-compute', id: key.id, name });
    return key;
  }
}
