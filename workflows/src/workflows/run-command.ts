import { durationSeconds, type InstanceJob } from '@gpu-clouds/jobs/contract';
import { CancellationScope, condition } from '@temporalio/workflow';
import type { StepSignal } from '../activities/contract.ts';
import { onInstance } from './activity-proxies.ts';
import { type JobNode, onEveryNode } from './job-nodes.ts';
import type { JobRun } from './job-run.ts';
import type { Done } from './run-outcome.ts';

/** How the command ended on all nodes. */
export interface CommandEnd extends Pick<Done, 'exitCode' | 'exitCodes'> {
  /** Why it was asked to end. Absent if it ended by itself. */
  readonly asked?: 'stop' | 'too-long' | 'too-idle' | 'lease-ending' | undefined;
}

/**
 * Runs the command on every node at the same time. All nodes get SIGTERM when one fails, when the run is asked to stop, after
 * `limits.maxCommand`, when `limits.idleGpu` says so, and when their lease ends, and SIGKILL after `limits.maxStop`.
 */
export async function runCommand(run: JobRun<InstanceJob>, nodes: readonly JobNode[]): Promise<CommandEnd> {
  const { command, container, limits, secrets } = run.order.job;
  // Absent without a container, so that the inputs of such jobs stay as they are.
  const inContainer = container === undefined ? undefined : true;
  const { attempt } = run;
  const running = new Set(nodes);
  let exitCode = 0;
  let late = false;
  let tooIdle = false;
  let leaseEnding = false;
  const scope = new CancellationScope();
  const asking = scope.run(async () => {
    const isOver = () =>
      running.size > 0 && (run.stopRequested || exitCode !== 0 || run.isTooIdle || run.leaseEnding !== undefined);
    if (limits.maxCommand === undefined) await condition(isOver);
    else late = !(await condition(isOver, durationSeconds(limits.maxCommand) * 1000));
    tooIdle = run.isTooIdle && exitCode === 0;
    leaseEnding = run.leaseEnding !== undefined && exitCode === 0;
    await Promise.all(
      [...running].map((node) =>
        end({ instance: node.instance, secrets, attempt, inContainer }, () => !running.has(node), limits.maxStop),
      ),
    );
  });
  // If an instance is unreachable, following the command reports it.
  asking.catch(() => undefined);
  try {
    const exitCodes = await onEveryNode(nodes, async (node) => {
      const code = await run.step(node, 'command', command);
      running.delete(node);
      if (exitCode === 0) exitCode = code;
      return code;
    });
    const others = late ? 'too-long' : tooIdle ? 'too-idle' : leaseEnding ? 'lease-ending' : undefined;
    return { exitCode, exitCodes, asked: run.stopRequested ? 'stop' : others };
  } finally {
    running.clear();
    scope.cancel();
  }
}

/** Asks the command of a node to end, and kills it if it takes too long. */
async function end(on: Omit<StepSignal, 'step' | 'signal'>, hasEnded: () => boolean, maxStop: string): Promise<void> {
  const target = { ...on, step: 'command' } as const;
  await onInstance.sendSignal({ ...target, signal: 'TERM' });
  const inTime = await condition(hasEnded, durationSeconds(maxStop) * 1000);
  if (!inTime) await onInstance.sendSignal({ ...target, signal: 'KILL' });
}
