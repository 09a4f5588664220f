import { type Answer, ok } from '../answer.ts';
import type { KeyStore, SshKey } from '../key-store.ts';
import type { OperationIds } from '../operation-ids.ts';
import { textOf, textsOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

/** Creates the SSH key handlers. A lookup returns an array of one key. Deleting an unknown key is not an error. */
export function keyHandlers(world: World, keys: KeyStore): Handlers<OperationIds['verda']> {
  const list = () => ok(keys.all().map(view));
  const add = ({ body }: Call): Answer => {
    const key = keys.add(world.random.uuid(), textOf(body, 'name') ?? '', textOf(body, 'key') ?? '');
    if (key === undefined) throw errorResponse('invalid_request', 'Invalid SSH key');
    return { status: 201, text: key.id };
  };
  const get = ({ id }: Call) => {
    const key = keys.get(id);
    if (key === undefined) throw errorResponse('not_found', 'SSH key not found');
    return ok([view(key)]);
  };
  const remove = (ids: readonly string[]): Answer => {
    for (const id of ids) keys.remove(id);
    return { status: 200 };
  };
  const removeOne = ({ id }: Call) => remove([id]);
  const removeMany = ({ body }: Call) => remove(textsOf(body, 'keys'));
  return {
    ...{ listSshKeys: list, createSshKey: add, getSshKey: get, deleteSshKey: removeOne, deleteSshKeys: removeMany },
    // The API still serves the older path.
    listSshKeysLegacy: list,
    createSshKeyLegacy: add,
    getSshKeyLegacy: get,
    deleteSshKeyLegacy: removeOne,
    deleteSshKeysLegacy: removeMany,
  };
}

function view({ id, name, publicKey, fingerprint, createdAt }: SshKey) {
  return { id, name, key: publicKey, fingerprint, created_at: createdAt };
}
