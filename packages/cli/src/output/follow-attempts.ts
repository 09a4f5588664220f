/** Follows the output of one attempt of a run after the other. */
export class AttemptsFollower {
  readonly #copy: (attempt: number, until: AbortSignal) => Promise<void>;
  readonly #stop: AbortSignal;
  #latest: number;
  #next = new AbortController();
  #copying: Promise<void> = Promise.resolve();

  /**
   * @param copy Copies the output of an attempt until the signal aborts, and then the rest of it.
   * @param stop Ends the attempt that is followed last.
   * @param first The first attempt to follow, from 1.
   */
  constructor(copy: (attempt: number, until: AbortSignal) => Promise<void>, stop: AbortSignal, first = 1) {
    this.#copy = copy;
    this.#stop = stop;
    this.#latest = first - 1;
    this.reached(first);
  }

  /** Follows up to this attempt. Those before it have ended. */
  reached(attempt: number): void {
    while (this.#latest < attempt) {
      this.#latest += 1;
      this.#follow(this.#latest);
    }
  }

  /** Settles once everything is copied that was stored until the stop. */
  ended(): Promise<void> {
    return this.#copying;
  }

  #follow(attempt: number): void {
    this.#next.abort();
    this.#next = new AbortController();
    const until = AbortSignal.any([this.#stop, this.#next.signal]);
    this.#copying = this.#copying.then(() => this.#copy(attempt, until));
  }
}
