import type { TemporalReader, WorkflowInfo } from '@gpu-clouds/jobs';

/** A reader of Temporal whose lists together end after a number of workflows. */
export interface BoundedReader {
  readonly reader: TemporalReader;
  /** Whether a list has ended because of the number, so that there may be more. */
  wasCut(): boolean;
}

/** Bounds what one request makes Temporal list, whatever it filters by: most filters are not those of Temporal. */
export function boundedReader(client: TemporalReader, most: number): BoundedReader {
  let listed = 0;
  async function* list(options: { query: string }): AsyncGenerator<WorkflowInfo> {
    for await (const info of client.workflow.list(options)) {
      listed += 1;
      yield info;
      // Before the next one is requested, which may need another page.
      if (listed >= most) return;
    }
  }
  const { options, workflowService, connection } = client;
  const workflow = { list, getHandle: (id: string) => client.workflow.getHandle(id) };
  return { reader: { options, workflowService, connection, workflow }, wasCut: () => listed >= most };
}
