import { resolveTimeSkippingServer } from '@gpu-clouds/dev';
import { taskQueues } from '@gpu-clouds/jobs';
import { presetFleet } from '@gpu-clouds/jobs/test';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../src/activities/index.ts';
import { workflowCache } from './workflow-cache.ts';
import './quiet-runtime.ts';

export type PlayedActivities = Partial<
  Activities['job'] & Activities['vendor'] & Activities['watch'] & Activities['follow']
>;

export const hours = (count: number) => count * 3600;

/**
 * Time passes while nothing is at work: what takes long is an activity that is about to be tried again.
 * @param seconds Until then. By default such that no number of tries comes to whole hours, at which runs end here: a workflow that ends
 * while an activity is at work leaves the server with time standing still.
 */
export function later(seconds = 661): ApplicationFailure {
  return ApplicationFailure.create({ type: 'later', message: 'Not yet.', nextRetryDelay: seconds * 1000 });
}

/** A server whose clock jumps to whatever is waited for. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const { path } = await resolveTimeSkippingServer();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  // This server does not describe namespaces.
  presetFleet(env.client, 'default');
  return env;
}

/** Workers for all task queues of one cloud. @returns Stops them. */
export async function playActivities(
  { nativeConnection: connection }: TestWorkflowEnvironment,
  activities: PlayedActivities,
): Promise<() => Promise<void>> {
  const queues = [taskQueues.workflows, taskQueues.follow, taskQueues.vendor('verda'), taskQueues.watch('verda')];
  const workers = await Promise.all(
    queues.map((taskQueue) =>
      Worker.create({
        connection,
        taskQueue,
        activities,
        ...workflowCache(),
        ...(taskQueue === taskQueues.workflows ? { workflowBundle: { codePath: inject('workflowBundle') } } : {}),
      }),
    ),
  );
  const ended = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await ended;
  };
}
