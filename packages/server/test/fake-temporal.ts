// A client of Temporal without a server.
import type { JobFacts } from '@gpu-clouds/jobs';
import { workflowNames } from '@gpu-clouds/jobs/contract';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';

interface RunOptions {
  readonly tags?: Readonly<Record<string, string>>;
  readonly facts?: JobFacts;
}

/** Returns a client that knows every ID as that of a run that has not ended. Without facts, no worker answers for it. */
export function clientOfRuns(fleet: string, { tags = {}, facts }: RunOptions = {}): Client {
  const started = msToTs(1_700_000_000_000);
  const memo = {
    fields: { fleet: defaultPayloadConverter.toPayload(fleet), tags: defaultPayloadConverter.toPayload(tags) },
  };
  return new Client({
    connection: Connection.lazy({ address: '127.0.0.1:1' }),
    interceptors: {
      workflow: [
        {
          describe: async ({ workflowExecution: { workflowId } }) => ({
            workflowExecutionInfo: {
              execution: { workflowId, runId: 'one' },
              type: { name: workflowNames.job },
              status: 1,
              startTime: started,
              historyLength: started.seconds ?? null,
              memo,
            },
          }),
          query: () => (facts === undefined ? Promise.reject(new Error('No worker answers.')) : Promise.resolve(facts)),
        },
      ],
    },
  });
}
