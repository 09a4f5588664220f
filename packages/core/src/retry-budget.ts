/** Limits retries while most calls fail, so that retries do not multiply the load of an outage. */
export interface RetryBudget {
  /** Takes one retry. @returns false when none is left */
  spend(): boolean;
  /** Adds a part of a retry, because an attempt was answered. */
  earn(): void;
}

/** Options of `createRetryBudget`. */
export interface RetryBudgetOptions {
  /** Retries in a full budget, and at the start. Default: 100. */
  readonly capacity?: number | undefined;
  /** Retries that one answered attempt adds. Default: 0.2. */
  readonly gain?: number | undefined;
}

/** Creates a retry budget. Clients that are given the same one share it. */
export function createRetryBudget({ capacity = 100, gain = 0.2 }: RetryBudgetOptions = {}): RetryBudget {
  let left = capacity;
  return {
    spend: () => left >= 1 && left-- >= 1,
    earn() {
      left = Math.min(capacity, left + gain);
    },
  };
}
