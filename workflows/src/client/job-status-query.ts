import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import type { JobFacts } from '../job-status.ts';
import { statusQueryName } from '../workflow-api.ts';

/** Milliseconds to wait for a worker's answer; without a worker, what is known already has to do. */
const queryTimeoutMs = 5000;

/**
 * How a run stands: what its workflow says, and what Temporal says of a run that was ended from outside.
 * @param known What to go on with while no worker answers.
 * @throws WorkflowNotFoundError
 */
export async function jobFacts(client: Client, id: string, known?: JobFacts): Promise<JobFacts> {
  const description = await client.workflow.getHandle(id).describe();
  const facts = (await askWorkflow(client, id)) ?? known ?? bareFacts(description);
  return endedFromOutside(facts, description);
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

/** A terminated run cannot say so itself. */
function endedFromOutside(facts: JobFacts, { status, closeTime }: WorkflowExecutionDescription): JobFacts {
  if (facts.phase === 'finished' || closeTime === undefined) return facts;
  const endedAt = closeTime.toISOString();
  const word = status.name.toLowerCase().replaceAll('_', ' ');
  return {
    ...facts,
    phase: 'finished',
    phaseSince: endedAt,
    endedAt,
    outcome: status.name === 'CANCELLED' ? 'cancelled' : status.name === 'COMPLETED' ? 'succeeded' : 'failed',
    message: `The run was ${word} from outside; its machine is destroyed all the same.`,
  };
}

/** What can be said of a run that no worker has told anything about. */
function bareFacts({ workflowId, startTime, memo }: WorkflowExecutionDescription): JobFacts {
  const startedAt = startTime.toISOString();
  return {
    id: workflowId,
    name: typeof memo?.name === 'string' ? memo.name : workflowId,
    phase: 'finding-offers',
    startedAt,
    phaseSince: startedAt,
    rentals: [],
    failures: [],
  };
}
