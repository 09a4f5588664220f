import { textOf, textsOf } from '../record.ts';
import type { Call, Route } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';
import { firstOf } from './keys.ts';

interface Script {
  readonly id: string;
  readonly name: string;
  readonly script: string;
}

const quota = 100;

/**
 * The startup scripts of the project. They are stored and listed, with paging in headers, but instances do not run
 * them.
 */
export class Scripts {
  readonly #world: World;
  readonly #scripts = new Map<string, Script>();

  constructor(world: World) {
    this.#world = world;
  }

  has(id: string): boolean {
    return this.#scripts.has(id);
  }

  routes(): Route[] {
    const path = '/v1/scripts';
    return [
      { method: 'GET', path, handle: (call) => this.#page(call) },
      {
        method: 'POST',
        path,
        handle: ({ body }) => ({
          status: 201,
          text: this.#add(textOf(body, 'name') ?? '', textOf(body, 'script') ?? ''),
        }),
      },
      { method: 'DELETE', path, handle: ({ body }) => this.#delete(textsOf(body, 'scripts')) },
      {
        method: 'GET',
        path: `${path}/{}`,
        handle: ({ params }) => ({ status: 200, json: [this.#found(firstOf(params))] }),
      },
      { method: 'DELETE', path: `${path}/{}`, handle: ({ params }) => this.#delete([firstOf(params)]) },
    ];
  }

  #page({ query }: Call) {
    const page = integerOf(query.get('page'), 1);
    const size = integerOf(query.get('pageSize'), 10);
    if (page < 1 || size < 1 || size > 100)
      throw errorResponse('invalid_request', 'page must be at least 1, and pageSize from 1 to 100');
    const name = query.get('name');
    const all = [...this.#scripts.values()].filter((script) => name === null || script.name === name);
    const headers = { 'x-page': String(page), 'x-page-size': String(size), 'x-total-count': String(all.length) };
    return { status: 200, json: all.slice((page - 1) * size, page * size), headers };
  }

  #add(name: string, script: string): string {
    if (this.#scripts.size >= quota) throw errorResponse('invalid_request', 'Startup script limit exceeded');
    const id = this.#world.random.uuid();
    this.#scripts.set(id, { id, name, script });
    return id;
  }

  #found(id: string): Script {
    const script = this.#scripts.get(id);
    if (script === undefined) throw errorResponse('not_found', 'Startup script not found');
    return script;
  }

  #delete(ids: readonly string[]) {
    for (const id of ids) this.#scripts.delete(id);
    return { status: 200 };
  }
}

function integerOf(text: string | null, otherwise: number): number {
  const value = Number(text ?? otherwise);
  return Number.isInteger(value) ? value : 0;
}
