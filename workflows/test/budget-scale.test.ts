import { formatInstanceName, formatOwnerId } from '@gpu-clouds/clouds/pure';
import { budgetFacts, setBudget, taskQueues } from '@gpu-clouds/jobs';
import { budgetWorkflowId, type InstanceEnd, type InstanceRequest, workflowNames } from '@gpu-clouds/jobs/contract';
import { type FakeCloud, offerOf, until } from '@gpu-clouds/jobs/test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Harness } from './harness.ts';

/** `pnpm test:nightly` starts 1,000, which takes minutes. */
const starts = Number(process.env.BUDGET_STARTS ?? 250);
const dollars = 20;
/** At one US dollar per hour, an instance reserves its `maxDollars` of 1, even if it starts minutes late. */
const ttlSeconds = 7200;

let harness: Harness;
let cloud: FakeCloud;
beforeAll(async () => {
  harness = await Harness.start();
  cloud = harness.cloud('verda');
  await harness.work([cloud]);
});
afterAll(() => harness.close(), 600_000);

it('instances that start at once never exceed the budget, while its ledger continues as new', async () => {
  await setBudget(harness.client, { dollars, per: 'month' });
  const offer = { ...offerOf('verda', 'verda-0'), pricePerHour: 1 };
  const owners = await Promise.all(
    Array.from({ length: starts }, (_, ordinal) => {
      const owner = { fleet: 'default', run: 'many', ordinal };
      const instanceName = formatInstanceName({ ...owner, deadline: Date.now() + ttlSeconds * 1000 });
      const request: InstanceRequest = { instanceName, run: 'many', offer, ttlSeconds, maxDollars: 1 };
      const options = { workflowId: formatOwnerId(owner), taskQueue: taskQueues.workflows, args: [request] };
      return harness.client.workflow.start(workflowNames.instance, options);
    }),
  );
  const ends: InstanceEnd[] = [];
  const results = owners.map(async (owner) => void ends.push(await owner.result()));
  await until(() => ends.length >= starts - dollars, 'the refusals', 600_000);
  expect(ends.every((end) => end.why === 'failed' && end.kind === 'budget')).toBe(true);
  expect([cloud.creates, cloud.instances.size]).toEqual([dollars, dollars]);
  expect(await budgetFacts(harness.client)).toMatchObject([{ reserved: dollars, spent: 0, left: 0 }]);
  const ledger = await harness.client.workflow.getHandle(budgetWorkflowId('default')).describe();
  expect(ledger.raw.workflowExecutionInfo?.firstRunId).not.toBe(ledger.runId);

  await Promise.all(owners.map((owner) => owner.cancel().catch(() => undefined)));
  await Promise.allSettled(results);
  expect(cloud.left).toBe(0);
}, 700_000);
