import {
  type BudgetChange,
  type BudgetDecision,
  BudgetLedger,
  type BudgetRequest,
  type BudgetSettlement,
  type LedgerState,
} from '@gpu-clouds/jobs/contract';
import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  budgetChangeSignal,
  budgetDecisionSignal,
  budgetQuery,
  budgetRequestSignal,
  budgetSettleSignal,
} from './budget-messages.ts';
import {
  handleSignal,
  hasShape,
  isAmount,
  isListOf,
  isOneOf,
  isOptional,
  isText,
  isTime,
  isWorkflowId,
} from './handle-signal.ts';

/** Temporal allows 2,000 signals of one workflow under way. */
const decisionsAtOnce = 500;
/** Events after which the ledger continues as new, long before Temporal suggests it: replaying a long history takes seconds. */
const maxEvents = 1_000;

/**
 * Keeps the budgets of a fleet, by {@link BudgetLedger}. It serves one message after the other, so runs that start at the same time never
 * get more than there is. It ends when no account has a limit. An error of ours does not end it, because that would lift all limits: it
 * decides nothing until a worker without the error continues it.
 */
export async function budgetLedger(state?: LedgerState): Promise<void> {
  const ledger = new BudgetLedger(state);
  /** The newest decision for each who asked, by its id. An older one is obsolete, and must not arrive after it. */
  const outbox = new Map<string, BudgetDecision>();
  let changed = state !== undefined;
  /** The sender of a request may have ended. What waited for room has nothing that could bill. */
  const send = async (decision: BudgetDecision) => {
    const delivered = await delivers(decision);
    if (!delivered) decide(ledger.forget(decision.id, Date.now()));
  };
  const decide = (decisions: readonly BudgetDecision[]) => {
    for (const decision of decisions) outbox.set(decision.id, decision);
  };
  setHandler(budgetQuery, () => ledger.facts(Date.now()), {
    description: 'What each account has spent and reserved in its current period, in US dollars.',
  });
  const change = (input: BudgetChange) => {
    changed = true;
    decide(ledger.change(input, Date.now()));
  };
  const request = (input: BudgetRequest) => {
    decide(ledger.expire(Date.now()));
    const decision = ledger.request(input, Date.now());
    if (decision !== undefined) decide([decision]);
  };
  const settle = (input: BudgetSettlement) => decide(ledger.settle(input, Date.now()));
  handleSignal(budgetChangeSignal, isChange, change, 'Sets or removes the limit of an account.');
  handleSignal(
    budgetRequestSignal,
    isRequest,
    request,
    'From the owner of an instance: reserves money before the instance is created.',
  );
  handleSignal(
    budgetSettleSignal,
    isSettlement,
    settle,
    'From the owner of an instance that is gone: what it has cost.',
  );
  const isOver = () => changed && !ledger.hasLimits;
  for (;;) {
    while (outbox.size > 0) {
      const next = [...outbox.values()].slice(0, decisionsAtOnce);
      for (const { id } of next) outbox.delete(id);
      await Promise.all(next.map(send));
    }
    setCurrentDetails(detailsOf(ledger));
    if (isOver()) return;
    if (workflowInfo().historyLength > maxEvents) await continueAsNew<typeof budgetLedger>(ledger.state);
    const events = workflowInfo().historyLength;
    const isDue = () => outbox.size > 0 || isOver() || workflowInfo().historyLength > Math.max(events, maxEvents);
    // Only waiting requests depend on the start of a day.
    if (ledger.waits) await condition(isDue, ledger.nextChangeAt(Date.now()) - Date.now());
    else await condition(() => isDue() || ledger.waits);
    decide(ledger.expire(Date.now()));
  }
}

const isLimit = hasShape({ dollars: isAmount, per: isOneOf('day', 'month') });
const isChange = hasShape({ account: isOptional(isText), limit: isOptional(isLimit) });
const isSettlement = hasShape({ id: isWorkflowId, dollars: isAmount });
const isRequest = hasShape({
  id: isWorkflowId,
  from: isOptional(isText),
  accounts: isOptional(isListOf(isText)),
  dollars: isAmount,
  pricePerHour: isAmount,
  deadline: isTime,
  existsSince: isOptional(isTime),
  wait: isOptional(isOneOf(true, false)),
});

async function delivers(decision: BudgetDecision): Promise<boolean> {
  return getExternalWorkflowHandle(decision.id)
    .signal(budgetDecisionSignal, decision)
    .then(
      () => true,
      () => false,
    );
}

function detailsOf(ledger: BudgetLedger): string {
  return ledger
    .facts(Date.now())
    .map(({ account, limit, left }) => `${account}: $${left.toFixed(2)} of $${limit.dollars} per ${limit.per} left`)
    .join('\n');
}
