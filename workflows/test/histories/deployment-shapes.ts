import { createCloud } from '@gpu-clouds/clouds';
import { ownerIdOf } from '@gpu-clouds/clouds/pure';
import { type JobHandle, startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { expect } from 'vitest';
import { type Harness, job } from '../harness.ts';
import { type Shape, withInstances } from './shape.ts';

/** Of jobs that Verda runs in a container of its own. */
export const deploymentShapes: readonly Shape[] = [
  shape('success', '/job?duration=0.2', async (run) => {
    expect(await run.result()).toMatchObject({ outcome: 'succeeded', outputs: ['answer.json'], failures: [] });
  }),
  shape('failed', '/job?duration=0.2&failed=true', async (run) => {
    expect(await run.result()).toMatchObject({ outcome: 'failed', exitCode: 1 });
  }),
  shape('cancelled-running', '/job?duration=600', async (run) => {
    await until(async () => (await run.status()).phase === 'running', 'the job at work');
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ kind: 'cancelled' });
  }),
  shape('owner-terminated', '/job?duration=600', async (run, harness) => {
    await until(async () => (await run.status()).phase === 'running', 'the job at work');
    const instanceName = (await run.status()).current?.instanceName ?? '';
    await harness.client.workflow.getHandle(ownerIdOf(instanceName)).terminate();
    await expect(run.result()).rejects.toMatchObject({ kind: 'stopped' });
  }),
  shape(
    'submission-lost',
    '/job?duration=0.2',
    async (run) => {
      expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'submission-unknown' }] });
    },
    (simulators) => simulators.faults.add({ kind: 'lost-response', vendor: 'verda', operation: 'submitJob' }),
  ),
];

function shape(
  name: string,
  path: string,
  end: (run: JobHandle, harness: Harness) => Promise<void>,
  arrange?: (simulators: Simulators) => unknown,
): Shape {
  return {
    name: `deployment-${name}`,
    async play(harness) {
      const simulators = createSimulators({ bootSeconds: 0.4, ssh: false });
      try {
        const verda = createCloud('verda', { env: (await simulators.listen()).verda.env });
        await harness.work([verda], {}, { consistencyWindowMs: 1500, pollIntervalMs: 100 });
        await arrange?.(simulators);
        const container = `{ image: ghcr.io/verda-cloud/batch-jobs-example:1.0.1, port: 8000, path: "${path}" }`;
        const yaml = `name: ${name}\nmode: job-deployment\nresources: { gpu: H100 }\ncontainer: ${container}\n`;
        const run = await startJob(harness.client, job(yaml));
        await end(run, harness);
        expect(simulators.ledger().left.jobDeployments).toBe(0);
        return await withInstances(run);
      } finally {
        await harness.rest();
        await simulators.close();
      }
    },
  };
}
