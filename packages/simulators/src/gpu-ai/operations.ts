import type { World } from '../world.ts';
import { errorResponse } from './problems.ts';

/** A long-running operation as the API returns it. */
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

/** The long-running operations, which a client polls. */
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

  /** Returns the operation of this kind for an instance, if any. */
  ofInstance(instanceId: string, kind: Operation['kind']): Operation | undefined {
    return [...this.#operations.values()].find((each) => each.resource_id === instanceId && each.kind === kind);
  }

  /** Completes an operation, as failed with an `error`. No-op when it is already complete. */
  finish(operation: Operation | undefined, error: Operation['error'] = null): void {
    if (operation === undefined || operation.completed_at !== null) return;
    const now = new Date(this.#world.clock.now()).toISOString();
    operation.state = error === null ? 'succeeded' : 'failed';
    operation.error = error;
    operation.updated_at = now;
    operation.completed_at = now;
  }

  /** Returns an operation. @throws ErrorResponse 404 when the id is unknown */
  found(id: string): Operation {
    const operation = this.#operations.get(id);
    if (operation === undefined) throw errorResponse(404, 'not_found', 'Operation not found');
    if (operation.state === 'pending' && this.#world.clock.now() > Date.parse(operation.created_at))
      operation.state = 'in_progress';
    return operation;
  }
}
