import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import type { JobHandle } from '@gpu-clouds/jobs';
import type { WorkflowHandle } from '@temporalio/client';
import type { Harness } from '../harness.ts';

/** One way in which a workflow can go, and the workflows that went it: by their ids, of several runs each. */
export interface Shape {
  readonly name: string;
  play(harness: Harness): Promise<readonly (string | Execution)[]>;
}

export interface Execution {
  readonly workflowId: string;
  readonly runId: string;
  /** Of another server than the harness's. */
  readonly history?: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
}

/** The run, and the owners of its instances. */
export async function withInstances(run: JobHandle): Promise<readonly string[]> {
  return [run.id, ...(await run.status()).instances.map(({ instanceName }) => ownerIdOf(instanceName))];
}
