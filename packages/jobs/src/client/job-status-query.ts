import type { JobFacts } from '../job-status.ts';
import type { TemporalReader, WorkflowDescription } from '../reader/temporal-reader.ts';
import { statusQueryName } from '../workflow-api.ts';
import { described, isWorkflowNotFound } from './described.ts';
import { pendingTransfers } from './pending-transfers.ts';

/** Milliseconds to wait for a worker to answer a query. After that, the last known facts are used. */
const queryTimeoutMs = 5000;

/**
 * Returns the state of a run from its workflow. If the workflow could not record its end, or no worker answers, the end comes from
 * Temporal.
 * @param known The last known facts, used while no worker answers.
 * @throws {JobNotFoundError} There is no such run.
 */
export async function jobFacts(client: TemporalReader, id: string, known?: JobFacts): Promise<JobFacts> {
  const description = await described(client, id, 'run');
  const facts = (await queryWorkflow(client, id)) ?? known ?? bareFacts(description);
  return withEnd(client, { ...facts, transfer: await pendingTransfers(client, description) }, description);
}

async function queryWorkflow(client: TemporalReader, id: string): Promise<JobFacts | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + queryTimeoutMs, () =>
      client.workflow.getHandle(id).query<JobFacts>(statusQueryName),
    );
  } catch (error) {
    if (isWorkflowNotFound(error)) throw error;
    return undefined;
  }
}

async function withEnd(
  client: TemporalReader,
  facts: JobFacts,
  { status, closeTime }: WorkflowDescription,
): Promise<JobFacts> {
  if (facts.phase === 'finished' || closeTime === undefined) return facts;
  const endedAt = closeTime.toISOString();
  // Few runs need this part, which loads Temporal's client.
  const { runEnd } = await import('./run-end.ts');
  const end = await runEnd(client, facts.id, status.name);
  return { ...facts, phase: 'finished', phaseSince: endedAt, endedAt, ...end };
}

/** Returns what Temporal alone knows about a run that no worker has answered for. */
function bareFacts({ workflowId, startTime, memo }: WorkflowDescription): JobFacts {
  const startedAt = startTime.toISOString();
  return {
    id: workflowId,
    name: typeof memo?.name === 'string' ? memo.name : workflowId,
    nodes: typeof memo?.nodes === 'number' ? memo.nodes : 1,
    phase: 'finding-offers',
    startedAt,
    phaseSince: startedAt,
    instances: [],
    failures: [],
  };
}
