import { type BudgetLimit, budgetFacts, type RunStore, setBudget } from '@gpu-clouds/jobs';
import type { Client } from '@temporalio/client';
import { CliError } from '../cli-error.ts';
import type { Terminal } from '../terminal.ts';
import type { Questions } from './questions.ts';
import type { Quote, Quotes } from './quotes.ts';

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
export interface Agent {
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

/** Sets the limit of the agents' account, as the command line says. */
export async function limitAccount({ client, fleet, account, policy: { spending } }: Agent): Promise<void> {
  if (spending !== undefined) await setBudget(client, spending.budget, { fleet, account });
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
  const { client, fleet, account } = agent;
  const facts = await client.withDeadline(Date.now() + ledgerTimeoutMs, () => budgetFacts(client, fleet));
  // Someone may have removed the limit since. A lower one stays.
  if (!facts.some((known) => known.account === account)) await limitAccount(agent);
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
