import { type BudgetDecision, BudgetLedger, type LedgerState } from '@gpu-clouds/jobs/contract';
import {
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import {
  budgetChangeSignal,
  budgetDecisionSignal,
  budgetQuery,
  budgetRequestSignal,
  budgetSettleSignal,
} from './budget-messages.ts';

setWorkflowOptions({ failureExceptionTypes: [Error] }, budgetLedger);

/** Temporal allows 2,000 signals of one workflow under way. */
const decisionsAtOnce = 500;
/** Events after which the ledger continues as new, long before Temporal suggests it: replaying a long history takes seconds. */
const maxEvents = 1_000;

/**
 * Keeps the budgets of a fleet, by {@link BudgetLedger}. It serves one message after the other, so runs that start at the same time never
 * get more than there is. It ends when no account has a limit.
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
  setHandler(
    budgetChangeSignal,
    (change) => {
      changed = true;
      decide(ledger.change(change, Date.now()));
    },
    { description: 'Sets or removes the limit of an account.' },
  );
  setHandler(
    budgetRequestSignal,
    (request) => {
      decide(ledger.expire(Date.now()));
      const decision = ledger.request(request, Date.now());
      if (decision !== undefined) decide([decision]);
    },
    { description: 'From the owner of an instance: reserves money before the instance is created.' },
  );
  setHandler(budgetSettleSignal, (settlement) => decide(ledger.settle(settlement, Date.now())), {
    description: 'From the owner of an instance that is gone: what it has cost.',
  });
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
