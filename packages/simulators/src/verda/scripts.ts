import { type Answer, ok } from '../answer.ts';
import type { OperationIds } from '../operation-ids.ts';
import { textOf, textsOf } from '../record.ts';
import type { Call, Handlers } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

interface Script {
  readonly id: string;
  readonly name: string;
  readonly script: string;
}

const quota = 100;

/** The startup scripts of the project, listed with paging in headers. Instances do not run them. */
export class Scripts {
  readonly #world: World;
  readonly #scripts = new Map<string, Script>();

  constructor(world: World) {
    this.#world = world;
  }

  has(id: string): boolean {
    return this.#scripts.has(id);
  }

  handlers(): Handlers<OperationIds['verda']> {
    return {
      listScripts: (call) => this.#page(call),
      createScript: ({ body }) => this.#add(textOf(body, 'name') ?? '', textOf(body, 'script') ?? ''),
      deleteScripts: ({ body }) => this.#delete(textsOf(body, 'scripts')),
      getScript: ({ id }) => {
        const script = this.#scripts.get(id);
        if (script === undefined) throw errorResponse('not_found', 'Startup script not found');
        return ok([script]);
      },
      deleteScript: ({ id }) => this.#delete([id]),
    };
  }

  #page({ query }: Call) {
    const page = integerOf(query.get('page'), 1);
    const size = integerOf(query.get('pageSize'), 10);
    if (page < 1 || size < 1 || size > 100)
      throw errorResponse('invalid_request', 'page must be at least 1, and pageSize from 1 to 100');
    const name = query.get('name');
    const all = [...this.#scripts.values()].filter((script) => name === null || script.name === name);
    const headers = { 'x-page': String(page), 'x-page-size': String(size), 'x-total-count': String(all.length) };
    return { ...ok(all.slice((page - 1) * size, page * size)), headers };
  }

  #add(name: string, script: string): Answer {
    if (this.#scripts.size >= quota) throw errorResponse('invalid_request', 'Startup script limit exceeded');
    const id = this.#world.random.uuid();
    this.#scripts.set(id, { id, name, script });
    return { status: 201, text: id };
  }

  #delete(ids: readonly string[]): Answer {
    for (const id of ids) this.#scripts.delete(id);
    return { status: 200 };
  }
}

function integerOf(text: string | null, otherwise: number): number {
  const value = Number(text ?? otherwise);
  return Number.isInteger(value) ? value : 0;
}
