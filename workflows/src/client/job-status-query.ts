import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type JobFacts, type JobStatus, statusAt } from '../job-status.ts';
import { statusQueryName } from '../workflow-api.ts';

/** Milliseconds to wait for a worker's answer; without a worker, what Temporal itself knows has to do. */
const queryTimeoutMs = 5000;

/** How a run stands: what its workflow says, by this machine's clock, and what Temporal says of a run that was ended from outside. */
export async function jobStatus(client: Client, id: string): Promise<JobStatus> {
  const handle = client.workflow.getHandle(id);
  const description = await handle.describe();
  const facts = await askWorkflow(client, id).catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) throw error;
    return undefined;
  });
  return statusAt(endedFromOutside(facts ?? bareFacts(description), description), Date.now());
}

function askWorkflow(client: Client, id: string): Promise<JobFacts> {
  return client.connection.withDeadline(Date.now() + queryTimeoutMs, () =>
    client.workflow.getHandle(id).query<JobFacts>(statusQueryName),
  );
}

/** A terminated run cannot say so itself. */
function endedFromOutside(facts: JobFacts, { status, closeTime }: WorkflowExecutionDescription): JobFacts {
  if (facts.phase === 'finished' || closeTime === undefined) return facts;
  const endedAt = closeTime.toISOString();
  return {
    ...facts,
    phase: 'finished',
    phaseSince: endedAt,
    endedAt,
    outcome: status.name === 'CANCELLED' ? 'cancelled' : status.name === 'COMPLETED' ? 'succeeded' : 'failed',
    message: `The run ended from outside: ${status.name.toLowerCase().replaceAll('_', ' ')}. Its machines are destroyed all the same.`,
  };
}

/** What can be said of a run while no worker answers. */
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
