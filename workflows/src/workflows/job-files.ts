import { bucketPlace, type FailureKind, type InstanceJob, isUrl, type SentFiles } from '@gpu-clouds/jobs/contract';
import type { Collected, Sent } from '../activities/contract.ts';
import { finalFailure } from '../final-failure.ts';
import { onInstance } from './activity-proxies.ts';
import { summaryOf } from './failure-summary.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';

/** Number of offers on which the sources of a run may be out of reach. */
const maxUnreachable = 3;

/** Puts the job's files on every node. */
export async function upload({ order: { job } }: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<void> {
  const inputs = job.files.up.flatMap(({ input, to }) => (input === undefined ? [] : [{ input, to }]));
  if (inputs.length === 0) return;
  await onEveryNode(nodes, ({ instance }) => onInstance.uploadFiles({ instance, secrets: job.secrets, inputs }));
}

/** Lets every node download what the job has from elsewhere. */
export async function download(run: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<void> {
  const { files, secrets } = run.order.job;
  const sources = files.up.flatMap(({ from = '', sha256, to }) => (isUrl(from) ? [{ from, sha256, to }] : []));
  if (sources.length === 0) return;
  run.enter('downloading');
  try {
    await onEveryNode(nodes, ({ node, instance }) =>
      onInstance.downloadFiles({ instance, secrets, sources, gpus: run.expectedGpus(node) }),
    );
  } catch (error) {
    throw isUnreachableEverywhere(run, error) ? finalFailure('input-refused', summaryOf(error).message) : error;
  }
}

/** Whether it is the source that does not answer, and not the network of one offer: more instances would only cost money. */
function isUnreachableEverywhere({ record }: JobRun, error: unknown): boolean {
  const kind: FailureKind = 'input-unreachable';
  const before = record.facts.failures.filter((failure) => failure.kind === kind).length;
  return summaryOf(error).kind === kind && before + 1 >= maxUnreachable;
}

/** What a job left: in the run store, and in S3. */
export interface Leavings extends Collected {
  readonly sent?: readonly SentFiles[] | undefined;
}

/** Collects the files of `files.down` from each node. A file that no node has is missing. */
export async function collect(run: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<Leavings> {
  const { down } = run.order.job.files;
  const toStore = down.filter(({ to }) => bucketPlace(to) === undefined);
  const toBucket = down.filter(({ to }) => bucketPlace(to) !== undefined);
  const collected = await store(run, nodes, toStore);
  if (toBucket.length === 0) return collected;
  const { sent, missing } = await send(run, nodes, toBucket);
  return { ...collected, missing: [...collected.missing, ...missing], sent };
}

type Down = InstanceJob['files']['down'];

async function store(
  { order: { id, job } }: JobRun<InstanceJob>,
  nodes: readonly JobNode[],
  down: Down,
): Promise<Collected> {
  if (down.length === 0) return { outputs: [], missing: [] };
  const maxBytes = Math.floor((job.limits.maxOutputs * 1024 ** 3) / nodes.length);
  const each = await onEveryNode(nodes, ({ node, instance }) => {
    const files = down.map(({ from, to }) => ({ from, to: nodes.length === 1 ? to : `node-${node}/${to}` }));
    return onInstance.collectFiles({ run: id, instance, secrets: job.secrets, files, maxBytes });
  });
  return {
    outputs: each.flatMap(({ outputs }) => outputs),
    missing: missingIn(each, down),
    cut: each.find(({ cut }) => cut !== undefined)?.cut,
  };
}

async function send(
  { order: { id, job } }: JobRun<InstanceJob>,
  nodes: readonly JobNode[],
  files: Down,
): Promise<Sent> {
  const each = await onEveryNode(nodes, ({ node, instance }) =>
    onInstance.sendFiles({
      run: id,
      node: nodes.length === 1 ? undefined : node,
      instance,
      secrets: job.secrets,
      files,
    }),
  );
  return { sent: each.flatMap(({ sent }) => sent), missing: missingIn(each, files) };
}

function missingIn(each: readonly { readonly missing: readonly string[] }[], down: Down): readonly string[] {
  return down.map(({ from }) => from).filter((from) => each.every(({ missing }) => missing.includes(from)));
}
