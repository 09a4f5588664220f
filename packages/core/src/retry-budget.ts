/** Keeps an outage from being multiplied by retries: it runs dry when most calls fail, and fills again as they succeed. */
export interface RetryBudget {
  /** Takes one retry out. @returns false when there is none left */
  spend(): boolean;
  /** Pays a little in: an attempt was answered. */
  earn(): void;
}

/** Options of `createRetryBudget`. */
export interface RetryBudgetOptions {
  /** Retries that a full budget holds, and that it starts with. Default: 100. */
  readonly capacity?: number;
  /** Retries that one answered attempt pays in. Default: 0.2. */
  readonly gain?: number;
}

/** Makes a budget. Give the same one to several clients of an account, and they share it. */
export function createRetryBudget({ capacity = 100, gain = 0.2 }: RetryBudgetOptions = {}): RetryBudget {
  let left = capacity;
  return {
    spend: () => left >= 1 && left-- >= 1,
    earn() {
      left = Math.min(capacity, left + gain);
    },
  };
}
