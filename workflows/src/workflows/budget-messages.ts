import {
  type BudgetChange,
  type BudgetDecision,
  type BudgetFacts,
  type BudgetRequest,
  type BudgetSettlement,
  budgetNames,
} from '@gpu-clouds/jobs/contract';
import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  type SignalDefinition,
} from '@temporalio/workflow';

/** Asks the ledger for money. The answer comes as {@link budgetDecisionSignal}. */
export const budgetRequestSignal = defineSignal<[BudgetRequest]>(budgetNames.request);
/** Says what an ended instance has cost. */
export const budgetSettleSignal = defineSignal<[BudgetSettlement]>(budgetNames.settle);
/** Sets or removes a limit. */
export const budgetChangeSignal = defineSignal<[BudgetChange]>(budgetNames.change);
/** Returns what each account has spent and reserved in its current period. */
export const budgetQuery = defineQuery<readonly BudgetFacts[]>(budgetNames.facts);
/** The ledger's answer to the owner of an instance. */
export const budgetDecisionSignal = defineSignal<[BudgetDecision]>(budgetNames.decision);

/** Sends a signal to a ledger. Returns false if there is none, and so no budget. */
export async function sentTo<Input>(ledger: string, signal: SignalDefinition<[Input]>, input: Input): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(ledger).signal(signal, input);
    return true;
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'ExternalWorkflowExecutionNotFound') return false;
    throw error;
  }
}
