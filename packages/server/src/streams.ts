import type { MiddlewareHandler } from 'hono';

/**
 * Answers HEAD as GET, without the body. Hono drops the body of such an answer without ending its stream, which would stay open for ever,
 * with its file, its timers, and its place among the streams of the token.
 */
export const headWithoutBody: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method === 'HEAD') await c.res.body?.cancel();
};

/** Limits the streams that are open at the same time with one key. */
export class StreamLimit {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a stream, and returns a function that no longer counts it, however often it is called. Returns undefined if as many as allowed are
   * open.
   */
  open(key: string): (() => void) | undefined {
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#most) return undefined;
    this.#open.set(key, open + 1);
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left === 0) this.#open.delete(key);
      else this.#open.set(key, left);
    };
  }
}

/** Yields pieces of a file for as long as the token of the request exists. */
export async function* whileKnown<T>(pieces: AsyncIterable<T>, isKnown: () => Promise<boolean>): AsyncGenerator<T> {
  for await (const piece of pieces) {
    if (!(await isKnown())) throw new Error('The token was removed.');
    yield piece;
  }
}
