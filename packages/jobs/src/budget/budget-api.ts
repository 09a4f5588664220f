/** A limit on what an account may spend in one period. Days and months begin at midnight UTC. */
export interface BudgetLimit {
  /** US dollars, more than 0. */
  readonly dollars: number;
  /** The period that the dollars are for. */
  readonly per: 'day' | 'month';
}

/** The account that everything of a fleet counts to. */
export const fleetAccount = 'fleet';

/** A request to spend money. Sent by the workflow that owns an instance, before it creates the instance, and by a run that waits for room. */
export interface BudgetRequest {
  /** Id of the workflow that owns the instance. It gets the decision and has one reservation. */
  readonly id: string;
  /** Id of a request that waited for this money. What it has reserved moves to this request, as far as this one needs it. */
  readonly from?: string | undefined;
  /** Accounts in addition to the fleet's. */
  readonly accounts?: readonly string[] | undefined;
  /** US dollars to reserve in total, what is reserved already included. So a repeated request reserves nothing more. */
  readonly dollars: number;
  /** US dollars per hour: how fast the money is spent. */
  readonly pricePerHour: number;
  /** Milliseconds since the epoch after which the instance cannot bill any more. */
  readonly deadline: number;
  /**
   * When the instance was created, in milliseconds since the epoch, if it is older than the budget. Its first request is granted even if there
   * is no room, because the instance bills already.
   */
  readonly existsSince?: number | undefined;
  /** Whether to wait until the budget has room. Otherwise the request is refused at once. Nothing is rented by who waits. */
  readonly wait?: boolean | undefined;
}

/** The answer to a {@link BudgetRequest}. */
export type BudgetDecision =
  | { readonly id: string; readonly dollars: number; readonly granted: true }
  /** @property message What is left, and when the next period begins. */
  | { readonly id: string; readonly dollars: number; readonly granted: false; readonly message: string };

/** The end of a reservation, or of a request that still waits. */
export interface BudgetSettlement {
  /** Id of the workflow that owned the instance. */
  readonly id: string;
  /** US dollars that were spent. */
  readonly dollars: number;
}

/** A new limit of an account. */
export interface BudgetChange {
  /** Default: the fleet's account. */
  readonly account?: string | undefined;
  /** Absent: the account has no limit any more. */
  readonly limit?: BudgetLimit | undefined;
}

/** What an account has spent and may still spend in its current period. */
export interface BudgetFacts {
  /** `fleet`, or the name of an account of its own. */
  readonly account: string;
  /** The limit of the account. */
  readonly limit: BudgetLimit;
  /** When the current period ends, in ISO 8601. */
  readonly until: string;
  /** US dollars spent in the period by instances that have ended. */
  readonly spent: number;
  /** US dollars reserved by instances that exist or are about to. */
  readonly reserved: number;
  /** US dollars that can still be reserved, at least 0. */
  readonly left: number;
  /** Number of requests that wait for room. */
  readonly waiting: number;
}

/** Names of the ledger's signals and query, and of the signal that carries its decision. */
export const budgetNames = {
  /** Signal. Input: `BudgetRequest`. */
  request: 'request',
  /** Signal. Input: `BudgetSettlement`. */
  settle: 'settle',
  /** Signal. Input: `BudgetChange`. The ledger completes once no account has a limit. */
  change: 'change',
  /** Query for `BudgetFacts[]`. */
  facts: 'budget',
  /** Signal to the owner that made the request. Input: `BudgetDecision`. */
  decision: 'budgetDecision',
  /** Signal to the owners of instances that exist when a budget begins. */
  began: 'budgetBegan',
} as const;

/** Id of the ledger's workflow. No run, batch, or instance can have an id with a slash. */
export function budgetWorkflowId(fleet: string): string {
  return `gpuc-${fleet}/budget`;
}
