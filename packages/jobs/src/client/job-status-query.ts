import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import type { JobFacts } from '../job-status.ts';
import { statusQueryName } from '../workflow-api.ts';
import { described } from './described.ts';
import { runEnd } from './run-end.ts';

/** Milliseconds to wait for a worker's answer; without a worker, what is known already has to do. */
const queryTimeoutMs = 5000;

/**
 * How a run stands: what its workflow says, and what Temporal says of its end where the workflow could not, or no worker is there to ask.
 * @param known What to go on with while no worker answers.
 * @throws JobNotFoundError
 */
export async function jobFacts(client: Client, id: string, known?: JobFacts): Promise<JobFacts> {
  const description = await described(client, id, 'run');
  const facts = (await askWorkflow(client, id)) ?? known ?? bareFacts(description);
  return withEnd(client, facts, description);
}

async function askWorkflow(client: Client, id: string): Promise<JobFacts | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + queryTimeoutMs, () =>
      client.workflow.getHandle(id).query<JobFacts>(statusQueryName),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    return undefined;
  }
}

async function withEnd(
  client: Client,
  facts: JobFacts,
  { status, closeTime }: WorkflowExecutionDescription,
): Promise<JobFacts> {
  if (facts.phase === 'finished' || closeTime === undefined) return facts;
  const endedAt = closeTime.toISOString();
  const end = await runEnd(client, facts.id, status.name);
  return { ...facts, phase: 'finished', phaseSince: endedAt, endedAt, ...end };
}

/** What can be said of a run that no worker has told anything about. */
function bareFacts({ workflowId, startTime, memo }: WorkflowExecutionDescription): JobFacts {
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
