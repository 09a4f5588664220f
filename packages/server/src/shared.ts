/** Shares what a call returns with the calls of the same key that follow within a while. A failure is not shared. */
export class Shared<T> {
  readonly #forMs: number;
  readonly #known = new Map<string, { readonly at: number; readonly value: Promise<T> }>();

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  get(key: string, load: () => Promise<T>): Promise<T> {
    const now = Date.now();
    for (const [old, { at }] of this.#known) if (now - at > this.#forMs) this.#known.delete(old);
    const known = this.#known.get(key);
    if (known !== undefined) return known.value;
    const value = load();
    this.#known.set(key, { at: now, value });
    value.catch(() => this.#known.delete(key));
    return value;
  }
}
