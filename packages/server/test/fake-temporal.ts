// A client of Temporal without a server.
import { workflowNames } from '@gpu-clouds/jobs/contract';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';

/** Returns a client that knows every ID as that of a run that has not ended, with these tags. No worker answers for it. */
export function clientOfRuns(fleet: string, tags: Readonly<Record<string, string>> = {}): Client {
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
          query: () => Promise.reject(new Error('No worker answers.')),
        },
      ],
    },
  });
}
