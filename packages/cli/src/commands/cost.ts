import { accountStatements } from '@gpu-clouds/clouds';
import { budgetFacts, type CostGroup, type CostGrouping, type CostPart, costParts, groupCosts } from '@gpu-clouds/jobs';
import { type Statement, withSpending } from '../balances.ts';
import { CliError, exitCodes } from '../cli-error.ts';
import { firstOf } from '../first-of.ts';
import { budgetLine } from '../output/budget-line.ts';
import { dollars, moment } from '../output/format.ts';
import { styleOf } from '../output/style.ts';
import { type TableOptions, table } from '../output/table.ts';
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

/**
 * Adds up what runs and leases have cost since a moment, beside what the clouds say.
 * @throws {CliError} for a tag without the grouping by tags
 */
export async function cost(options: CostOptions, terminal: Terminal): Promise<void> {
  if (options.tag !== undefined && options.by !== 'tag')
    throw new CliError(`--tag needs "--by tag", not "--by ${options.by}". Add it, or leave out --tag.`, {
      exitCode: exitCodes.usage,
    });
  const { parts, budget, accounts } = await counted(options, terminal);
  const rows = groupCosts(parts, options.by, options.tag);
  const total = sumOf(parts);
  if (options.json) {
    terminal.out(JSON.stringify({ since: options.since, by: options.by, groups: rows, total, budget, accounts }));
    return;
  }
  const tables = { columns: terminal.columns, style: styleOf(terminal) };
  const title = options.by === 'tag' ? (options.tag ?? 'TAGS') : titles[options.by];
  const all = { name: 'total', runs: new Set(parts.map(({ run }) => run)).size, dollars: total };
  if (rows.length > 0) terminal.out(groupsTable(title, [...rows, all], tables));
  else terminal.note(`Nothing was spent since ${moment(options.since)}.`);
  const left = budgetLine(budget);
  if (left !== undefined) terminal.out(`\n${left}`);
  if (accounts.length > 0) {
    terminal.out('');
    terminal.out(accountsTable(accounts, tables));
  }
  for (const { vendor, message } of accounts) if (message !== undefined) terminal.note(`${vendor}: ${message}`);
}

/**
 * What a cloud says of its account, and what was counted here in the same time. The difference is what the cloud counted more: others who use
 * the account, steps in which the cloud bills, or a mistake.
 */
export interface Compared extends Omit<Statement, 'spentSince'> {
  /** Start of the time in which both counted. Absent if the cloud did not say what was spent. */
  readonly since?: Date | undefined;
  readonly counted: number;
  readonly difference?: number | undefined;
}

export function groupsTable(title: string, groups: readonly CostGroup[], options: TableOptions): string {
  return table(
    groups,
    [
      { title, value: ({ name }) => name, shrinkTo: 20 },
      { title: 'RUNS, LEASES', value: ({ runs }) => String(runs), align: 'right', priority: 1 },
      { title: 'COST', value: (row) => dollars(row.dollars), align: 'right' },
    ],
    options,
  );
}

export function accountsTable(accounts: readonly Compared[], options: TableOptions): string {
  return table(
    accounts,
    [
      { title: 'CLOUD', value: ({ vendor }) => vendor },
      { title: 'BALANCE', value: ({ balance }) => amount(balance), align: 'right', priority: 2 },
      { title: 'SINCE', value: ({ since }) => (since === undefined ? '' : moment(since)), priority: 1 },
      { title: 'CLOUD SAYS', value: ({ spent }) => amount(spent), align: 'right' },
      { title: 'COUNTED', value: ({ counted }) => amount(counted), align: 'right' },
      { title: 'DIFFERENCE', value: ({ difference }) => amount(difference), align: 'right', priority: 3 },
    ],
    options,
  );
}

function compared({ spentSince: since, ...statement }: Statement, parts: readonly CostPart[]): Compared {
  const { spent, vendor } = statement;
  const counted = sumOf(parts.filter((part) => part.vendor === vendor));
  return { ...statement, since, counted, difference: spent === undefined ? undefined : spent - counted };
}

function sumOf(parts: readonly CostPart[]): number {
  return parts.reduce((sum, { dollars: cost }) => sum + cost, 0);
}

function amount(value: number | undefined): string {
  return value === undefined ? '' : dollars(value);
}

/** What gpu-clouds counted, what is left of the budget, and what the clouds say. */
async function counted({ since }: CostOptions, terminal: Terminal) {
  return withTemporal(terminal, async (client) => {
    const fleet = await fleetOf(terminal, client);
    const partsSince = (from: Date) => firstOf(Number.POSITIVE_INFINITY, costParts(client, { fleet, since: from }));
    const [parts, budget, said] = await Promise.all([
      partsSince(since),
      budgetFacts(client, fleet),
      accountStatements({ env: terminal.env, since }).then((statements) => withSpending(statements, since, terminal)),
    ]);
    const accounts = said.map(async (statement) => {
      const { spentSince = since } = statement;
      return compared(statement, spentSince.getTime() === since.getTime() ? parts : await partsSince(spentSince));
    });
    return { parts, budget, accounts: await Promise.all(accounts) };
  });
}
