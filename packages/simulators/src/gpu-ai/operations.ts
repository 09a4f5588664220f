import type { World } from '../world.ts';
import { errorResponse } from './problems.ts';

export interface Operation {
  readonly operation_id: string;
  readonly kind: 'instance.create' | 'instance.delete';
  readonly resource_id: string;
  readonly created_at: string;
  state: 'pending' | 'in_progress' | 'succeeded' | 'failed';
  updated_at: string;
  completed_at: string | null;
  error: { code: string; detail: string } | null;
}

/** Long-running operations, which a client polls. */
export class Operations {
  readonly #world: World;
  readonly #operations = new Map<string, Operation>();

  constructor(world: World) {
    this.#world = world;
  }

  open(kind: Operation['kind'], instanceId: string): Operation {
    const now = new Date(this.#world.clock.now()).toISOString();
    const operation: Operation = {
      operation_id: this.#world.random.uuid(),
      kind,
      state: 'pending',
      resource_id: instanceId,
      created_at: now,
      updated_at: now,
      completed_at: null,
      error: null,
    };
    this.#operations.set(operation.operation_id, operation);
    return operation;
  }

  /** The open one of an instance, if any. */
  ofInstance(instanceId: string, kind: Operation['kind']): Operation | undefined {
    return [...this.#operations.values()].find((each) => each.resource_id === instanceId && each.kind === kind);
  }

  finish(operation: Operation | undefined, error: Operation['error'] = null): void {
    if (operation === undefined || operation.completed_at !== null) return;
    const now = new Date(this.#world.clock.now()).toISOString();
    operation.state = error === null ? 'succeeded' : 'failed';
    operation.error = error;
    operation.updated_at = now;
    operation.completed_at = now;
  }

  /** @throws ErrorResponse when there is no such operation */
  found(id: string): Operation {
    const operation = this.#operations.get(id);
    if (operation === undefined) throw errorResponse(404, 'not_found', 'Operation not found');
    if (operation.state === 'pending' && this.#world.clock.now() > Date.parse(operation.created_at))
      operation.state = 'in_progress';
    return operation;
  }
}
