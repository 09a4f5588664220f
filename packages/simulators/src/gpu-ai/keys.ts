import { ok } from '../answer.ts';
import type { KeyStore, SshKey } from '../key-store.ts';
import type { OperationIds } from '../operation-ids.ts';
import { textOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { page } from './pages.ts';
import { errorResponse } from './problems.ts';

/** Creates the SSH key handlers. */
export function keyHandlers(world: World, keys: KeyStore): Handlers<OperationIds['gpu-ai']> {
  const found = ({ id }: Call): SshKey => {
    const key = keys.get(id);
    if (key === undefined) throw errorResponse(404, 'not_found', 'SSH key not found');
    return key;
  };
  return {
    listSshKeys: ({ query }) => page(keys.all().map(view), query),
    createSshKey: ({ body }) => {
      const id = `key_${world.random.hex(16)}`;
      const key = keys.add(id, textOf(body, 'name') ?? '', textOf(body, 'public_key') ?? '');
      if (key === undefined) throw errorResponse(422, 'validation_failed', 'public_key is not a valid SSH public key');
      return ok(view(key), 201);
    },
    getSshKey: (call) => ok(view(found(call))),
    deleteSshKey: (call) => {
      keys.remove(found(call).id);
      return { status: 204 };
    },
  };
}

/**
 * Returns the public keys with these ids, or all public keys without ids.
 * @throws ErrorResponse 422 when an id is unknown
 */
export function publicKeysOf(keys: KeyStore, ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return keys.all().map(({ publicKey }) => publicKey);
  return ids.map((id) => {
    const key = keys.get(id);
    if (key === undefined) throw errorResponse(422, 'validation_failed', `ssh_key_ids: no SSH key ${id}`);
    return key.publicKey;
  });
}

function view({ id, name, fingerprint, createdAt }: SshKey) {
  return { id, name, fingerprint, created_at: createdAt };
}
