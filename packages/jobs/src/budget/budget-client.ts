import { parseInstanceName } from '@gpu-clouds/clouds/pure';
import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { fleetOf } from '../fleet.ts';
import { taskQueues, workflowNames } from '../workflow-api.ts';
import { type BudgetLimit, budgetNames, budgetWorkflowId } from './budget-api.ts';
import { hasLedger, ifThere } from './budget-facts.ts';

/** Options of {@link setBudget}. */
export interface BudgetOptions {
  /** The fleet that the budget is for. Default: derived from the Temporal namespace. */
  readonly fleet?: string | undefined;
  /** An account with a limit of its own, for runs and leases that name it. Default: the account of the whole fleet. */
  readonly account?: string | undefined;
}

/**
 * Sets how much a fleet, or one account of it, may spend per day or month, and starts the ledger that enforces it. A lower limit counts at
 * once: what exists keeps what it has reserved and gets no more. Instances that exist when the first limit is set count too, from their
 * creation on: each keeps an hour, and is destroyed after that if the budget has no room for it.
 * @throws RangeError when the dollars are not more than 0
 */
export async function setBudget(client: Client, limit: BudgetLimit, options: BudgetOptions = {}): Promise<void> {
  if (!(limit.dollars > 0 && Number.isFinite(limit.dollars))) {
    throw new RangeError(`A budget is more than $0, not ${limit.dollars}. To remove the budget, use clearBudget.`);
  }
  const { account } = options;
  const fleet = await fleetOf(client, options.fleet);
  const existed = await hasLedger(client, fleet);
  await client.workflow.signalWithStart(workflowNames.budget, {
    workflowId: budgetWorkflowId(fleet),
    taskQueue: taskQueues.workflows,
    staticSummary: `Budget of ${fleet}`,
    args: [],
    signal: budgetNames.change,
    signalArgs: [{ account, limit }],
  });
  if (!existed) await tellOwners(client, fleet);
}

/** Tells the owners that exist already that there is a ledger now. */
async function tellOwners(client: Client, fleet: string): Promise<void> {
  const query = `WorkflowType = '${workflowNames.instance}' AND ExecutionStatus = 'Running'`;
  try {
    for await (const { workflowId } of client.workflow.list({ query })) {
      if (parseInstanceName(workflowId)?.fleet !== fleet) continue;
      await ifThere(() => client.workflow.getHandle(workflowId).signal(budgetNames.began));
    }
  } catch (error) {
    if (!hasNoLists(error)) throw error;
  }
}

/** Temporal's test server with time skipping has no lists. */
function hasNoLists(error: unknown): boolean {
  return error instanceof ServiceError && isGrpcServiceError(error.cause) && error.cause.code === unimplemented;
}

/** Of gRPC: https://grpc.io/docs/guides/status-codes. */
const unimplemented = 12;

/** Removes the limit of a fleet or account. The ledger ends with its last limit. Does nothing if there is no budget. */
export async function clearBudget(client: Client, options: BudgetOptions = {}): Promise<void> {
  const { account } = options;
  const fleet = await fleetOf(client, options.fleet);
  await ifThere(() =>
    client.workflow.getHandle(budgetWorkflowId(fleet)).signal(budgetNames.change, { account, limit: undefined }),
  );
}
