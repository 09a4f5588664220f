import { createHash } from 'node:crypto';
import { recordOf, textOf, textsOf } from '../record.ts';
import { parsedKey } from '../ssh-server.ts';
import type { Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

/** An SSH key as the API returns it. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly created_at: string;
}

/** The SSH keys of the project. A lookup returns an array of one key. Deleting an unknown key is not an error. */
export class Keys {
  readonly #world: World;
  readonly #keys = new Map<string, Key>();

  constructor(world: World) {
    this.#world = world;
  }

  get(id: string): Key | undefined {
    return this.#keys.get(id);
  }

  routes(): Route[] {
    // The API still serves the older path.
    return ['/v1/ssh-keys', '/v1/sshkeys'].flatMap((path): Route[] => [
      { method: 'GET', path, handle: () => ({ status: 200, json: [...this.#keys.values()] }) },
      {
        method: 'POST',
        path,
        handle: ({ body }) => ({ status: 201, text: this.#add(textOf(body, 'name') ?? '', textOf(body, 'key') ?? '') }),
      },
      { method: 'DELETE', path, handle: ({ body }) => this.#delete(textsOf(body, 'keys')) },
      {
        method: 'GET',
        path: `${path}/{}`,
        handle: ({ params }) => ({ status: 200, json: [this.#found(firstOf(params))] }),
      },
      { method: 'DELETE', path: `${path}/{}`, handle: ({ params }) => this.#delete([firstOf(params)]) },
    ]);
  }

  #add(name: string, key: string): string {
    const parsed = parsedKey(key);
    if (parsed === undefined) throw errorResponse('invalid_request', 'Invalid SSH key');
    const id = this.#world.random.uuid();
    const fingerprint = `SHA256:${createHash('sha256').update(parsed.getPublicSSH()).digest('base64').replace(/=+$/, '')}`;
    this.#keys.set(id, { id, name, key, fingerprint, created_at: new Date(this.#world.clock.now()).toISOString() });
    this.#world.ledger.open('keys', { vendor: 'verda', id, name });
    return id;
  }

  #found(id: string): Key {
    const key = this.#keys.get(id);
    if (key === undefined) throw errorResponse('not_found', 'SSH key not found');
    return key;
  }

  #delete(ids: readonly string[]) {
    for (const id of ids) {
      this.#keys.delete(id);
      this.#world.ledger.close('keys', 'verda', id);
    }
    return { status: 200 };
  }
}

/** Returns the only path parameter, independent of its name in the document. */
export function firstOf(params: Readonly<Record<string, string>>): string {
  return textOf(recordOf(params), Object.keys(params)[0] ?? '') ?? '';
}
