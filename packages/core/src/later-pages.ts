import type { Paged } from './pages.ts';

type Walking = typeof import('./pages.ts');

/** What `walk` makes of the code that walks over pages, which is loaded when the first page is asked for. */
export function laterPages(walk: (walking: Walking) => Promise<AsyncIterable<unknown>>): Paged<unknown> {
  const load = () => import('./pages.ts');
  async function* all() {
    yield* await walk(await load());
  }
  const iterable = all();
  return Object.assign(iterable, {
    toArray: async ({ limit }: { readonly limit?: number | undefined } = {}) => (await load()).toArray(iterable, limit),
  });
}
