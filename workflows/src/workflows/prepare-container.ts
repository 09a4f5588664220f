import type { FailureKind, InstanceContainer, InstanceJob } from '@gpu-clouds/jobs/contract';
import { finalFailure } from '../final-failure.ts';
import { preparationCodes } from '../ssh/preparation-codes.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';
import { within } from './stopping.ts';

/** For installing a runtime and pulling an image, together. The largest common images take a quarter of an hour. */
const longest = '1h';

/**
 * Starts the container of each node, in which setup and command run.
 * @throws ApplicationFailure `no-container-runtime`, `image-pull-failed`
 */
export async function prepareContainer(
  run: JobRun<InstanceJob>,
  nodes: readonly JobNode[],
  { image }: InstanceContainer,
): Promise<void> {
  run.enter('pulling-image');
  const tooLong = finalFailure('image-pull-failed', `${image} was not pulled and started within ${longest}.`);
  await within(longest, tooLong, () =>
    onEveryNode(nodes, async (node) => {
      const exitCode = await run.step(node, 'container', '');
      if (exitCode === 0) return;
      const [kind, what] = reasons[exitCode] ?? (['image-pull-failed', `ended with exit code ${exitCode}`] as const);
      const message = `The container of ${image} on ${node.instance.instanceName} ${what}: its output says why.`;
      throw finalFailure(kind, message);
    }),
  );
}

const reasons: Readonly<Record<number, readonly [FailureKind, string]>> = {
  [preparationCodes.noRuntime]: ['no-container-runtime', 'has no Docker or Podman, and none could be installed'],
  [preparationCodes.noGpus]: ['no-container-runtime', 'cannot use the GPUs'],
  [preparationCodes.loginRefused]: [
    'image-pull-failed',
    'was not pulled, because the registry refused container.registryAuth',
  ],
  [preparationCodes.pullFailed]: ['image-pull-failed', 'could not be pulled'],
  [preparationCodes.startFailed]: ['image-pull-failed', 'could not be started'],
};
