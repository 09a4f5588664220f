import { CancellationScope } from '@temporalio/workflow';
import type { ReadyInstance } from '../activities/contract.ts';

/** An instance that is ready, and its place among those of the job. */
export interface JobNode {
  /** Its rank, from 0 on. */
  readonly node: number;
  readonly instance: ReadyInstance;
  /** Tells scripts on it where they are. */
  readonly env: Readonly<Record<string, string>>;
}

/** The port that PyTorch's launcher takes by itself: https://docs.pytorch.org/docs/stable/elastic/run.html. */
const masterPort = 29_500;

/** @param instances By rank. */
export function nodesOf(instances: readonly ReadyInstance[], gpusPerNode: number): readonly JobNode[] {
  const addresses = instances.map(({ ssh }) => ssh.host);
  return instances.map((instance, node) => ({ node, instance, env: environment(node, addresses, gpusPerNode) }));
}

/**
 * One node alone gets no names that launchers look for, since it would then look for others at its public address. `WORLD_SIZE` and `RANK`
 * count processes, not instances: a launcher sets them, and libraries that find them take themselves for one of its processes.
 */
function environment(
  node: number,
  addresses: readonly string[],
  gpusPerNode: number,
): Readonly<Record<string, string>> {
  const [rank, count] = [String(node), String(addresses.length)];
  return {
    GPU_CLOUDS_NODE_RANK: rank,
    GPU_CLOUDS_NODES: count,
    GPU_CLOUDS_NODE_ADDRESSES: addresses.join('\n'),
    GPU_CLOUDS_GPUS_PER_NODE: String(gpusPerNode),
    ...(addresses.length === 1
      ? {}
      : {
          NODE_RANK: rank,
          NNODES: count,
          MASTER_ADDR: addresses[0] ?? '',
          MASTER_PORT: String(masterPort),
        }),
  };
}

/** Does something on every node at once. When one fails at it the others are told to leave it, and the failure is thrown once they have. */
export async function onEveryNode<T>(
  nodes: readonly JobNode[],
  work: (node: JobNode) => Promise<T>,
): Promise<readonly T[]> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  const settled = await scope.run(() =>
    Promise.allSettled(
      nodes.map(async (node) => {
        try {
          return await work(node);
        } catch (error) {
          failures.push(error);
          scope.cancel();
          throw error;
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
