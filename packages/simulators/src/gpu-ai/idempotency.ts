import type { Answer } from '../answer.ts';
import type { Call, Handler } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './problems.ts';

const windowMs = 24 * 3_600_000;

interface Kept {
  readonly request: string;
  readonly at: number;
  answer?: Answer;
}

/**
 * Applies a request with an `Idempotency-Key` once in 24 hours. The same request gets the same response again. A different
 * request with the key is a mismatch, and a request during the first one is a conflict.
 */
export class Idempotency {
  readonly #world: World;
  readonly #kept = new Map<string, Kept>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Calls the handler, once for each idempotency key. */
  async perform(call: Call, handle: Handler): Promise<Answer> {
    const key = call.headers.get('idempotency-key');
    if (key !== null) return this.#once(key, call, handle);
    await call.late();
    return handle(call);
  }

  async #once(key: string, call: Call, handle: Handler): Promise<Answer> {
    const request = `${call.method} ${call.path} ${JSON.stringify(sorted(call.body))}`;
    const before = this.#kept.get(key);
    if (before !== undefined && this.#world.clock.now() - before.at < windowMs) {
      if (before.request !== request)
        throw errorResponse(422, 'idempotency_mismatch', 'Idempotency-Key was used with another request');
      if (before.answer === undefined)
        throw errorResponse(409, 'idempotency_conflict', 'A request with this Idempotency-Key is in flight');
      return before.answer;
    }
    const kept: Kept = { request, at: this.#world.clock.now() };
    this.#kept.set(key, kept);
    try {
      await call.late();
      kept.answer = await handle(call);
      return kept.answer;
    } catch (error) {
      // A rejected request had no effect, so its key can be used again.
      this.#kept.delete(key);
      throw error;
    }
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
