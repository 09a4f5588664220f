import { type Answer, ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { type JsonRecord, recordsOf, textOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

interface Tag {
  readonly id: string;
  readonly key: string;
  readonly value: string;
}

const maxTags = 10;

/** The tags of instances, volumes, and clusters, as in verda-cloud/verdacloud-sdk-go@ca1aa5c. */
export class Tags {
  readonly #world: World;
  readonly #tags = new Map<string, readonly Tag[]>();

  constructor(world: World) {
    this.#world = world;
  }

  of(id: string): readonly Tag[] {
    return this.#tags.get(id) ?? [];
  }

  /** Adds the `tags` of an order. @throws ErrorResponse when one of them is invalid */
  addAll(id: string, order: JsonRecord): void {
    for (const tag of recordsOf(order, 'tags')) this.#add(id, tag);
  }

  /** @param exists throws when the resource does not exist */
  handlers(
    exists: Record<'instance' | 'volume' | 'cluster', (id: string) => unknown>,
  ): Handlers<OperationIds['verda']> {
    const adds = (kind: keyof typeof exists) => (call: Call) => {
      exists[kind](call.id);
      return ok(this.#add(call.id, call.body), 201);
    };
    const deletes = (kind: keyof typeof exists) => (call: Call) => {
      exists[kind](call.id);
      return this.#delete(call.id, call.params.key ?? '');
    };
    return {
      addInstanceTag: adds('instance'),
      addVolumeTag: adds('volume'),
      addClusterTag: adds('cluster'),
      deleteInstanceTag: deletes('instance'),
      deleteVolumeTag: deletes('volume'),
      deleteClusterTag: deletes('cluster'),
    };
  }

  #add(id: string, request: JsonRecord): Tag {
    const key = (textOf(request, 'key') ?? '').toLowerCase();
    const value = textOf(request, 'value') ?? '';
    const tags = this.of(id);
    if (key === '' || key.length > 63 || value.length > 127)
      throw errorResponse('invalid_request', 'A tag needs a key of 1 to 63 characters and a value of at most 127');
    if (tags.some((tag) => tag.key === key)) throw errorResponse('conflict', 'A tag with this key already exists');
    if (tags.length >= maxTags) throw errorResponse('invalid_request', `A resource has at most ${maxTags} tags`);
    const tag = { id: this.#world.random.uuid(), key, value };
    this.#tags.set(id, [...tags, tag]);
    return tag;
  }

  #delete(id: string, key: string): Answer {
    const tags = this.of(id);
    const kept = tags.filter((tag) => tag.key !== key.toLowerCase());
    if (kept.length === tags.length) throw errorResponse('not_found', 'Tag not found');
    this.#tags.set(id, kept);
    return { status: 204 };
  }
}
