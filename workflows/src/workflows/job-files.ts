import type { InstanceJob } from '@gpu-clouds/jobs/contract';
import type { Collected } from '../activities/contract.ts';
import { onInstance } from './activity-proxies.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';

/** Puts the job's files on every node. */
export async function upload({ order: { job } }: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<void> {
  const inputs = job.files.up.flatMap(({ input, to }) => (input === undefined ? [] : [{ input, to }]));
  if (inputs.length === 0) return;
  await onEveryNode(nodes, ({ instance }) => onInstance.uploadFiles({ instance, secrets: job.secrets, inputs }));
}

/** Collects the files of `files.down` from each node. A file that no node has is missing. */
export async function collect(
  { order: { id, job } }: JobRun<InstanceJob>,
  nodes: readonly JobNode[],
): Promise<Collected> {
  const { down } = job.files;
  if (down.length === 0) return { outputs: [], missing: [] };
  const maxBytes = Math.floor((job.limits.maxOutputs * 1024 ** 3) / nodes.length);
  const each = await onEveryNode(nodes, ({ node, instance }) => {
    const files = down.map(({ from, to }) => ({ from, to: nodes.length === 1 ? to : `node-${node}/${to}` }));
    return onInstance.collectFiles({ run: id, instance, secrets: job.secrets, files, maxBytes });
  });
  return {
    outputs: each.flatMap(({ outputs }) => outputs),
    missing: down.map(({ from }) => from).filter((from) => each.every(({ missing }) => missing.includes(from))),
    cut: each.find(({ cut }) => cut !== undefined)?.cut,
  };
}
