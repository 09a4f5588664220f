import { type Clock, type Hooks, systemClock } from '@gpu-clouds/core';

/** Compares this machine's clock with the vendor's, by the `Date` header of responses. */
export class VendorClock {
  /** Pass them to the vendor's client. */
  readonly hooks: Hooks;
  #skewMs: number | undefined;

  constructor(clock: Pick<Clock, 'now'> = systemClock) {
    this.hooks = {
      onResponse: ({ header }) => {
        const date = Date.parse(header('date') ?? '');
        if (!Number.isNaN(date)) this.#skewMs = clock.now() - date;
      },
    };
  }

  /** By how many milliseconds this machine's clock was ahead at the latest response with a `Date`. Undefined before the first. */
  get skewMs(): number | undefined {
    return this.#skewMs;
  }
}
