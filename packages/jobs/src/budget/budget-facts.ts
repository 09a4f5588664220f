import { isWorkflowNotFound } from '../client/described.ts';
import { fleetOf } from '../fleet.ts';
import type { TemporalReader } from '../reader/temporal-reader.ts';
import { type BudgetFacts, budgetNames, budgetWorkflowId } from './budget-api.ts';

/** Returns what each account of a fleet has spent and reserved in its current period. Empty if there is no budget. */
export async function budgetFacts(client: TemporalReader, fleet?: string): Promise<readonly BudgetFacts[]> {
  const name = await fleetOf(client, fleet);
  // A ledger that has ended still answers queries.
  if (!(await hasLedger(client, name))) return [];
  const handle = client.workflow.getHandle(budgetWorkflowId(name));
  const facts = await ifThere(() => handle.query<readonly BudgetFacts[]>(budgetNames.facts));
  return facts ?? [];
}

/** Whether a fleet has a budget. */
export async function hasLedger(client: TemporalReader, fleet: string): Promise<boolean> {
  const described = await ifThere(() => client.workflow.getHandle(budgetWorkflowId(fleet)).describe());
  return described?.status.name === 'RUNNING';
}

/** Makes a call to a workflow. Returns undefined if there is no such workflow. */
export async function ifThere<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isWorkflowNotFound(error)) return undefined;
    throw error;
  }
}
