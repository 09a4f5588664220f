import { recordsOf, textOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';
import { firstOf } from './keys.ts';

/** Creates the routes for secrets, file secrets, and registry credentials. Values are neither stored nor returned. */
export function secretRoutes(world: World): Route[] {
  const generic = { secret_type: 'generic' };
  return [
    ...namedResourceRoutes(world, '/v1/secrets', () => generic),
    ...namedResourceRoutes(world, '/v1/file-secrets', ({ body }) => ({
      secret_type: 'file-secret',
      file_names: recordsOf(body, 'files').map((file) => textOf(file, 'file_name') ?? ''),
    })),
    ...namedResourceRoutes(world, '/v1/container-registry-credentials', () => ({})),
  ];
}

function namedResourceRoutes(world: World, path: string, describe: (call: Call) => object): Route[] {
  const resources = new Map<string, object>();
  return [
    { method: 'GET', path, handle: () => ({ status: 200, json: [...resources.values()] }) },
    {
      method: 'POST',
      path,
      handle: (call) => {
        const name = textOf(call.body, 'name') ?? '';
        if (resources.has(name)) throw errorResponse('conflict', `${name} already exists`);
        resources.set(name, { name, created_at: new Date(world.clock.now()).toISOString(), ...describe(call) });
        return { status: 201 };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{}`,
      handle: ({ params }) => {
        if (!resources.delete(firstOf(params))) throw errorResponse('not_found', `${firstOf(params)} does not exist`);
        return { status: 200 };
      },
    },
  ];
}
