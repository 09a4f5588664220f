import { type BudgetDecision, type BudgetRequest, budgetWorkflowId } from '@gpu-clouds/jobs/contract';
import { ApplicationFailure, condition, type SignalDefinition, workflowInfo } from '@temporalio/workflow';
import { budgetDecisionSignal, budgetRequestSignal, budgetSettleSignal } from './budget-messages.ts';
import { handleSignal, hasShape, isAmount, isOneOf, isOptional, isText } from './handle-signal.ts';
import { OrderedSignals } from './ordered-signals.ts';

const isDecision = hasShape({ dollars: isAmount, granted: isOneOf(true, false), message: isOptional(isText) });

/** What this workflow asks of the ledger of its fleet's budget. */
export class BudgetRequests {
  /** Undefined: no fleet, and so no budget. */
  readonly #ledger: OrderedSignals | undefined;
  #decision: BudgetDecision | undefined;
  #asked = false;

  /** Creates the requests, and handles the decisions. A workflow has one of these. */
  constructor(fleet: string | undefined) {
    this.#ledger = fleet === undefined ? undefined : new OrderedSignals(budgetWorkflowId(fleet));
    const take = (decision: BudgetDecision) => {
      this.#decision = decision;
    };
    const description = "From the ledger of the fleet's budget: whether there is room for what was requested.";
    handleSignal(budgetDecisionSignal, isDecision, take, description);
  }

  /**
   * Requests money, and waits for the decision.
   * @returns Undefined if there is no budget, or `late` after the timeout.
   */
  async ask(request: Omit<BudgetRequest, 'id'>, timeoutMs?: number): Promise<BudgetDecision | 'late' | undefined> {
    // An earlier decision may be for an execution before a reset, which delivers its signals again.
    this.#decision = undefined;
    this.#asked = await this.#send(budgetRequestSignal, { id: workflowInfo().workflowId, ...request });
    if (!this.#asked) return undefined;
    const isDecided = () => this.#decision?.dollars === request.dollars;
    if (timeoutMs === undefined) await condition(isDecided);
    else if (!(await condition(isDecided, timeoutMs))) return 'late';
    return this.#decision;
  }

  /** Returns to the budget what was reserved and not spent. If that fails, all of it counts as spent at its deadline. */
  async settle(dollars: number): Promise<void> {
    if (!this.#asked) return;
    await this.#send(budgetSettleSignal, { id: workflowInfo().workflowId, dollars }).catch(() => false);
  }

  /** Returns false if there is no ledger. */
  async #send<Input>(signal: SignalDefinition<[Input]>, input: Input): Promise<boolean> {
    if (this.#ledger === undefined) return false;
    try {
      await this.#ledger.send(signal, input);
      return true;
    } catch (error) {
      if (error instanceof ApplicationFailure && error.type === 'ExternalWorkflowExecutionNotFound') return false;
      throw error;
    }
  }
}
