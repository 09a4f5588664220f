import { type BudgetFacts, type BudgetLimit, budgetFacts, clearBudget, setBudget } from '@gpu-clouds/jobs';
import { dollars, moment } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { noteMissingWorker, withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly json?: boolean | undefined;
}

interface ChangeOptions extends Options {
  readonly account?: string | undefined;
}

/** Shows what each account of the fleet has spent and reserved in its current period. */
export async function show({ json }: Options, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    const facts = await budgetFacts(client, await fleetOf(terminal, client));
    if (json) terminal.out(JSON.stringify(facts));
    else if (facts.length === 0) terminal.note('There is no budget. Set one with "gpu-clouds budget set 50/day".');
    else terminal.out(budgetTable(facts, terminal));
  });
}

/** Sets the limit of the fleet or of one of its accounts. */
export async function set(limit: BudgetLimit, { account, json }: ChangeOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await noteMissingWorker(client, terminal);
    await setBudget(client, limit, { fleet: await fleetOf(terminal, client), account });
    if (json) terminal.out(JSON.stringify({ account: account ?? 'fleet', limit }));
    else
      terminal.note(
        `${account ?? `The fleet "${await fleetOf(terminal, client)}"`} may spend ${dollars(limit.dollars)} per ${limit.per}.`,
      );
  });
}

/** Removes the limit of the fleet or of one of its accounts. */
export async function off({ account, json }: ChangeOptions, terminal: Terminal): Promise<void> {
  await withTemporal(terminal, async (client) => {
    await clearBudget(client, { fleet: await fleetOf(terminal, client), account });
    if (json) terminal.out(JSON.stringify({ account: account ?? 'fleet', limit: null }));
    else terminal.note(`${account ?? `The fleet "${await fleetOf(terminal, client)}"`} has no limit.`);
  });
}

function budgetTable(facts: readonly BudgetFacts[], terminal: Terminal): string {
  return table(
    facts,
    [
      { title: 'ACCOUNT', value: ({ account }) => account, shrinkTo: 10 },
      { title: 'LIMIT', value: ({ limit }) => `${dollars(limit.dollars)}/${limit.per}`, align: 'right' },
      { title: 'SPENT', value: ({ spent }) => dollars(spent), align: 'right' },
      { title: 'RESERVED', value: ({ reserved }) => dollars(reserved), align: 'right' },
      { title: 'LEFT', value: ({ left }) => dollars(left), align: 'right' },
      { title: 'WAITING', value: ({ waiting }) => String(waiting), align: 'right', priority: 1 },
      { title: 'UNTIL', value: ({ until }) => moment(until), priority: 2 },
    ],
    { columns: terminal.columns, style: styleOf(terminal) },
  );
}
