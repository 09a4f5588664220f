import { type BudgetLimit, budgetFacts, type RunStore, setBudget } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError, exitCodes } from '../cli-error.ts';
import { dollars } from '../output/format.ts';
import type { Terminal } from '../terminal.ts';
import type { Questions } from './questions.ts';
import type { Quote, Quotes } from './quotes.ts';
import type { Hidden } from './results.ts';

/** What an agent may spend. */
export interface Spending {
  /** Maximum cost in US dollars of a run or lease that starts without a person's approval. */
  readonly maxCost: number;
  /** What everything that agents start with this account may cost. */
  readonly budget: BudgetLimit;
}

/** What the person who starts the server allows. The agent cannot change it. */
export interface Policy {
  /** Absent: the agent can only read. */
  readonly spending?: Spending | undefined;
  /** Secrets that jobs may name. */
  readonly secrets: readonly string[];
  /** Folders that jobs may upload files from. */
  readonly uploadFolders: readonly string[];
}

/** What the tools work with. */
export interface Agent extends Hidden {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly fleet: string;
  /** Account of the fleet's budget. */
  readonly account: string;
  readonly runs: RunStore;
  readonly quotes: Quotes;
  /** What the person is being asked in the client. */
  readonly questions: Questions;
  readonly policy: Policy;
}

/** Milliseconds to wait for the ledger of the budget. */
const ledgerTimeoutMs = 10_000;

/**
 * Limits the agents' account to the budget of this server. A lower limit stays: a person has set it, and an agent can make its client restart
 * the server.
 * @throws {CliError} when the account has a limit for another period, which could allow more or less, or the budget does not answer
 */
export async function limitAccount({ client, fleet, account, terminal, policy: { spending } }: Agent): Promise<void> {
  if (spending === undefined) return;
  const { budget } = spending;
  const known = await limitOf(client, fleet, account);
  const note = (text: string) => terminal.note(`gpu-clouds: The account ${account} may spend ${text}`);
  const byHand = `gpu-clouds budget set ${budget.dollars}/${budget.per} --account ${account}`;
  if (known !== undefined && known.per !== budget.per) {
    throw new CliError(
      `The account ${account} has a budget per ${known.per}, and --budget is per ${budget.per}. Start the server with --budget ${known.dollars}/${known.per}, or run "${byHand}" first.`,
      { exitCode: exitCodes.usage },
    );
  }
  if (known !== undefined && known.dollars <= budget.dollars) {
    if (known.dollars < budget.dollars)
      note(`${dollars(known.dollars)} per ${known.per}, less than --budget. To raise it, run "${byHand}".`);
    return;
  }
  await setBudget(client, budget, { fleet, account });
  if (known !== undefined)
    note(
      `${dollars(budget.dollars)} per ${budget.per} now, as --budget says, and no longer ${dollars(known.dollars)}.`,
    );
}

/** @throws {CliError} `unreachable` when the ledger does not answer */
async function limitOf(client: Client, fleet: string, account: string): Promise<BudgetLimit | undefined> {
  try {
    const facts = await client.withDeadline(Date.now() + ledgerTimeoutMs, () => budgetFacts(client, fleet));
    return facts.find((known) => known.account === account)?.limit;
  } catch (cause) {
    throw new CliError(
      'The budget does not answer, so nothing can be started. Check that a worker runs, with "gpu-clouds doctor".',
      { cause, exitCode: exitCodes.unreachable },
    );
  }
}

/**
 * Checks that this server may start the quote, and that the fleet's ledger limits what it costs.
 * @throws {CliError} when it may not
 */
export async function checkStart(agent: Agent, quote: Quote): Promise<void> {
  if (agent.quotes.isExpired(quote)) {
    throw new CliError(`The quote ${quote.id} has expired. Quote the run or lease again.`);
  }
  if (quote.terms.account !== agent.account || quote.terms.fleet !== agent.fleet) {
    throw new CliError(`The quote ${quote.id} is for another account or fleet. Quote the run or lease again.`);
  }
  // Someone may have removed or raised the limit since.
  await limitAccount(agent);
}

/**
 * Returns what the agent may spend.
 * @throws {CliError} when it can only read
 */
export function spendingOf({ policy: { spending } }: Agent): Spending {
  if (spending !== undefined) return spending;
  throw new CliError(
    'This server can only read. To let it start and end runs and leases, the person restarts it with --allow-spend, --max-cost, and --budget.',
  );
}
