import { CancellationScope } from '@temporalio/workflow';
import type { ReadyInstance } from '../activities/contract.ts';

/** A ready instance and its index among those of the job. */
export interface JobNode {
  /** Its index, from 0. */
  readonly node: number;
  readonly instance: ReadyInstance;
  /** Variables that tell scripts which node they run on. */
  readonly env: Readonly<Record<string, string>>;
}

/** The default port of PyTorch's launcher: https://docs.pytorch.org/docs/stable/elastic/run.html. */
const masterPort = 29_500;

/** @param instances Ordered by node. */
export function nodesOf(instances: readonly ReadyInstance[], gpusPerNode: number): readonly JobNode[] {
  const addresses = instances.map(({ ssh }) => ssh.host);
  return instances.map((instance, node) => ({ node, instance, env: environment(node, addresses, gpusPerNode) }));
}

/**
 * A single node gets none of the variables that launchers read, because it would then wait for others at its public address. `WORLD_SIZE`
 * and `RANK` count processes, not instances: only a launcher sets them.
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

/** Does work on every node at the same time. If one fails, the others are cancelled, and the failure is thrown once they have ended. */
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
  return settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}
