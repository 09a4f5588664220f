import { type Answer, ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { recordsOf, textOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

/**
 * Creates the handlers for secrets, file secrets, and registry credentials. Values are neither stored nor returned.
 * @param inUse returns the names that deployments refer to
 */
export function secretHandlers(world: World, inUse: () => readonly string[]): Handlers<OperationIds['verda']> {
  const secrets = new NamedResources(world, inUse, () => ({ secret_type: 'generic' }));
  const files = new NamedResources(world, inUse, ({ body }) => ({
    secret_type: 'file-secret',
    file_names: recordsOf(body, 'files').map((file) => textOf(file, 'file_name') ?? ''),
  }));
  const credentials = new NamedResources(world, inUse, () => ({}));
  return {
    listSecrets: () => secrets.list(),
    createSecret: (call) => secrets.create(call),
    deleteSecret: (call) => secrets.delete(call),
    listFileSecrets: () => files.list(),
    createFileSecret: (call) => files.create(call),
    deleteFileSecret: (call) => files.delete(call),
    listRegistryCredentials: () => credentials.list(),
    createRegistryCredentials: (call) => credentials.create(call),
    deleteRegistryCredentials: (call) => credentials.delete(call),
  };
}

class NamedResources {
  readonly #world: World;
  readonly #inUse: () => readonly string[];
  readonly #describe: (call: Call) => object;
  readonly #byName = new Map<string, object>();

  constructor(world: World, inUse: () => readonly string[], describe: (call: Call) => object) {
    this.#world = world;
    this.#inUse = inUse;
    this.#describe = describe;
  }

  list(): Answer {
    return ok([...this.#byName.values()]);
  }

  create(call: Call): Answer {
    const name = textOf(call.body, 'name') ?? '';
    if (this.#byName.has(name)) throw errorResponse('conflict', `${name} already exists`);
    const created_at = new Date(this.#world.clock.now()).toISOString();
    this.#byName.set(name, { name, created_at, ...this.#describe(call) });
    return { status: 201 };
  }

  /** Fails when a deployment uses it, unless `force` is set. The document does not say with which error. */
  delete({ id, query }: Call): Answer {
    if (!this.#byName.has(id)) throw errorResponse('not_found', `${id} does not exist`);
    if (query.get('force') !== 'true' && this.#inUse().includes(id))
      throw errorResponse('invalid_request', `${id} is used in a deployment`);
    this.#byName.delete(id);
    return { status: 200 };
  }
}
