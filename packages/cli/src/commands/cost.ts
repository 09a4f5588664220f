import { type AccountStatement, accountStatements } from '@gpu-clouds/clouds';
import { budgetFacts, type CostGrouping, type CostPart, costParts, groupCosts } from '@gpu-clouds/jobs';
import { firstOf } from '../first-of.ts';
import { budgetLine } from '../output/budget-line.ts';
import { dollars, moment } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { table } from '../output/table.ts';
import { fleetOf } from '../settings.ts';
import { withTemporal } from '../temporal.ts';
import type { Terminal } from '../terminal.ts';

export interface CostOptions {
  readonly since: Date;
  readonly by: CostGrouping;
  /** The tag whose values are the groups. If omitted, each combination of tags is a group. */
  readonly tag?: string | undefined;
  readonly json?: boolean | undefined;
}

const titles = { day: 'DAY', vendor: 'CLOUD', gpu: 'GPU', run: 'RUN' } as const;

/** Adds up the runs and leases that started since a moment, beside what the clouds say. */
export async function cost(options: CostOptions, terminal: Terminal): Promise<void> {
  const [{ parts, budget }, said] = await Promise.all([
    counted(options, terminal),
    accountStatements({ env: terminal.env, since: options.since }),
  ]);
  const accounts = said.map((account) => compared(account, parts));
  const rows = groupCosts(parts, options.by, options.tag);
  const total = parts.reduce((sum, part) => sum + part.dollars, 0);
  if (options.json) {
    terminal.out(JSON.stringify({ since: options.since, by: options.by, groups: rows, total, budget, accounts }));
    return;
  }
  const tables = { columns: terminal.columns, style: styleOf(terminal) };
  const title = options.by === 'tag' ? (options.tag ?? 'TAGS') : titles[options.by];
  if (rows.length > 0)
    terminal.out(
      table(
        [...rows, { name: 'total', runs: new Set(parts.map(({ run }) => run)).size, dollars: total }],
        [
          { title, value: ({ name }) => name, shrinkTo: 20 },
          { title: 'RUNS, LEASES', value: ({ runs }) => String(runs), align: 'right' },
          { title: 'COST', value: (row) => dollars(row.dollars), align: 'right' },
        ],
        tables,
      ),
    );
  else terminal.note(`Nothing started since ${moment(options.since)}.`);
  const left = budgetLine(budget);
  if (left !== undefined) terminal.out(`\n${left}`);
  if (accounts.length > 0) {
    terminal.out('');
    terminal.out(
      table(
        accounts,
        [
          { title: 'CLOUD', value: ({ vendor }) => vendor },
          { title: 'BALANCE', value: ({ balance }) => amount(balance), align: 'right' },
          { title: 'CLOUD SAYS', value: ({ spent }) => amount(spent), align: 'right' },
          { title: 'COUNTED', value: ({ counted }) => amount(counted), align: 'right' },
          { title: 'DIFFERENCE', value: ({ difference }) => amount(difference), align: 'right' },
        ],
        tables,
      ),
    );
  }
  for (const { vendor, message } of accounts) if (message !== undefined) terminal.note(`${vendor}: ${message}`);
}

/** Adds what was counted here, and by how much more the cloud counted: other users of the account, or a mistake. */
function compared(account: AccountStatement, parts: readonly CostPart[]) {
  const counted = parts.reduce((sum, { vendor, dollars: cost }) => sum + (vendor === account.vendor ? cost : 0), 0);
  return { ...account, counted, difference: account.spent === undefined ? undefined : account.spent - counted };
}

function amount(value: number | undefined): string {
  return value === undefined ? '' : dollars(value);
}

/** What gpu-clouds counted, and what is left of the budget. */
async function counted({ since }: CostOptions, terminal: Terminal) {
  return withTemporal(terminal, async (client) => {
    const fleet = await fleetOf(terminal, client);
    const [parts, budget] = await Promise.all([
      firstOf(Number.POSITIVE_INFINITY, costParts(client, { fleet, since })),
      budgetFacts(client, fleet),
    ]);
    return { parts, budget };
  });
}
