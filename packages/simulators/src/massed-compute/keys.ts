import { ok } from '../answer.ts';
import type { KeyStore, SshKey } from '../key-store.ts';
import type { OperationIds } from '../operation-ids.ts';
import { type JsonRecord, textOf } from '../record.ts';
import type { Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

/** Creates the SSH key handlers. A launch selects keys by name. */
export function keyHandlers(world: World, keys: KeyStore): Handlers<OperationIds['massed-compute']> {
  return {
    listSshKeys: () => ok({ sshKeys: keys.all().map(view) }),
    createSshKey: ({ body }) => ok({ sshKey: view(add(world, keys, body)) }),
    deleteSshKey: ({ id }) => {
      // Deleting an unknown key is not an error: the vendor's own end-to-end notes of 2026-07-30 (massed-compute-mcp).
      keys.remove(id);
      return ok({ result: {} });
    },
  };
}

function add(world: World, keys: KeyStore, body: JsonRecord): SshKey {
  const name = textOf(body, 'name') ?? '';
  if (name === '') throw errorResponse(422, 'The SSH key needs a name');
  // The live API rejects hyphens: skyward and brevdev/cloud. The message is a guess.
  if (!/^[A-Za-z0-9 ]+$/.test(name)) throw errorResponse(422, 'The SSH key name must be alphanumeric');
  if (keys.named(name) !== undefined) throw errorResponse(422, 'An SSH key with this name already exists');
  const key = keys.add(world.random.uuid(), name, textOf(body, 'publicKey') ?? '');
  if (key === undefined) throw errorResponse(422, 'The SSH key is not valid');
  return key;
}

function view({ id, name, publicKey }: SshKey) {
  return { id, name, public_key: publicKey };
}
