import {
  type BudgetChange,
  type BudgetDecision,
  type BudgetFacts,
  type BudgetRequest,
  type BudgetSettlement,
  budgetNames,
} from '@gpu-clouds/jobs/contract';
import { defineQuery, defineSignal } from '@temporalio/workflow';

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
/** Tells the owner of an instance that exists already that its fleet has a budget now. */
export const budgetBeganSignal = defineSignal(budgetNames.began);
