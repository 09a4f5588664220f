import { numberOf, textOf } from '../record.ts';
import type { Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

/** Creates the container routes. Containers are stored and scaled, but they run nothing and are not billed. */
export function containerRoutes(world: World): Route[] {
  const path = '/api/v0/client/container';
  const replicas = new Map<string, number>();
  const known = (id: string | undefined): string => {
    if (id === undefined || !replicas.has(id)) throw errorResponse('Container not found', 404);
    return id;
  };
  return [
    {
      method: 'POST',
      path: `${path}/deploy`,
      handle: ({ body }) => {
        const container_id = world.random.uuid();
        replicas.set(container_id, numberOf(body, 'replicas') ?? 1);
        return { status: 200, json: { success: true, container_id } };
      },
    },
    {
      method: 'POST',
      path: `${path}/scale`,
      handle: ({ body }) => {
        replicas.set(known(textOf(body, 'container_id')), numberOf(body, 'replicas') ?? 1);
        return { status: 200, json: { success: true } };
      },
    },
    {
      method: 'POST',
      path: `${path}/stop`,
      handle: ({ body }) => {
        replicas.delete(known(textOf(body, 'container_id')));
        return { status: 200, json: { success: true } };
      },
    },
    {
      method: 'GET',
      path: `${path}/{}/replicas`,
      handle: ({ params }) => {
        const count = replicas.get(known(Object.values(params)[0])) ?? 0;
        const result = Array.from({ length: count }, () => ({
          vm_uuid: world.random.uuid(),
          ip_address: '127.0.0.1',
          external_ports: [],
          internal_ports: [],
          rate_hourly: 0,
        }));
        return { status: 200, json: { success: true, result } };
      },
    },
  ];
}
