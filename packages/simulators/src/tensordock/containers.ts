import { ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { numberOf, textOf } from '../record.ts';
import type { Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

/** Creates the container handlers. Containers are stored and scaled, but they run nothing and are not billed. */
export function containerHandlers(world: World): Handlers<OperationIds['tensordock']> {
  const replicas = new Map<string, number>();
  const known = (id: string | undefined): string => {
    if (id === undefined || !replicas.has(id)) throw errorResponse('Container not found', 404);
    return id;
  };
  return {
    deployContainer: ({ body }) => {
      const container_id = world.random.uuid();
      replicas.set(container_id, numberOf(body, 'replicas') ?? 1);
      return ok({ success: true, container_id });
    },
    scaleContainer: ({ body }) => {
      replicas.set(known(textOf(body, 'container_id')), numberOf(body, 'replicas') ?? 1);
      return ok({ success: true });
    },
    terminateContainer: ({ body }) => {
      replicas.delete(known(textOf(body, 'container_id')));
      return ok({ success: true });
    },
    listContainerReplicas: ({ id }) => {
      const count = replicas.get(known(id)) ?? 0;
      const result = Array.from({ length: count }, () => ({
        vm_uuid: world.random.uuid(),
        ip_address: '127.0.0.1',
        external_ports: [],
        internal_ports: [],
        rate_hourly: 0,
      }));
      return ok({ success: true, result });
    },
  };
}
