import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startJob } from '@gpu-clouds/jobs';
import { until } from '@gpu-clouds/jobs/test';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';
import { steadyEvents } from './steady-events.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterEach(() => harness.rest());
afterAll(() => harness.close());

/** A job whose command fails until its n-th start, counted over all instances, because the instances of tests share their disk. */
function failsUntil(start: number, name: string, more = ''): string {
  return `name: ${name}
command: |
  echo start >> ${name}
  n=$(wc -l < ${name}); echo "start $n"
  [ $n -ge ${start} ]
files: { down: [{ from: ${name}, to: starts }] }
${more}`;
}

const startsOf = (id: string) => readFile(join(harness.runs.location(id), 'outputs', 'starts'), 'utf8');
const outputs = (id: string, attempts: readonly number[]) =>
  Promise.all(attempts.map((attempt) => outputOf(harness.runs, id, 0, attempt)));

it('a command that fails twice succeeds at the third attempt, on the same instance and with its own output', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job(failsUntil(3, 'thrice', 'setup: echo ready\nretry: { onFailure: { attempts: 2 } }\n')),
  );
  const result = await run.result();
  expect(result).toMatchObject({
    outcome: 'succeeded',
    exitCode: 0,
    failures: [],
    attempts: [
      { attempt: 1, exitCode: 1 },
      { attempt: 2, exitCode: 1 },
      { attempt: 3, exitCode: 0 },
    ],
  });
  const { attempts = [] } = await run.status();
  expect(attempts).toEqual(result.attempts);
  const times = attempts.flatMap(({ since, until: end = '' }) => [since, end]);
  expect(times).toEqual(times.toSorted());
  expect(await outputs(run.id, [1, 2, 3, 4])).toEqual(['ready\nstart 1\n', 'start 2\n', 'start 3\n', '']);
  expect(await harness.runs.listOutput(run.id)).toHaveLength(3);
  expect(await startsOf(run.id)).toBe('start\n'.repeat(3));
  expect(await steadyEvents(harness.client, run.id)).toBeLessThanOrEqual(46);
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('a run fails with the exit code of the last attempt, and has its files', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(harness.client, job(failsUntil(9, 'given-up', 'retry: { onFailure: { attempts: 1 } }\n')));
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1, outputs: ['starts'] });
  expect(result.attempts).toHaveLength(2);
  expect(await startsOf(run.id)).toBe('start\n'.repeat(2));
  expect(cloud.left).toBe(0);
});

it('a command that ends with an exit code outside retry.onFailure.exitCodes is not run again', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const text = 'name: other-code\ncommand: exit 3\nretry: { onFailure: { attempts: 2, exitCodes: [1, 137] } }\n';
  const run = await startJob(harness.client, job(text));
  expect(await run.result()).toMatchObject({
    outcome: 'failed',
    exitCode: 3,
    attempts: [{ attempt: 1, exitCode: 3 }],
  });
});

it('with sameInstance false, the next attempt runs on another instance, after its setup', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const retry = 'setup: echo ready\nretry: { onFailure: { attempts: 1, sameInstance: false } }\n';
  const run = await startJob(harness.client, job(failsUntil(2, 'moves', retry)));
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', attempts: [{ exitCode: 1 }, { exitCode: 0 }], failures: [] });
  expect(await outputs(run.id, [1, 2])).toEqual(['ready\nstart 1\n', 'ready\nstart 2\n']);
  const { instances } = await run.status();
  expect(instances).toHaveLength(2);
  expect([cloud.creates, cloud.left]).toEqual([2, 0]);
});

it('the cost of all attempts counts to maxCost, which ends the run', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    // After 3 s, less than the minute is left that an instance is rented for at least.
    job(`name: capped
command: echo begins; sleep 3; exit 1
retry: { onFailure: { attempts: 20, sameInstance: false } }
limits: { maxCost: 0.0174 }
`),
  );
  await expect(run.result()).rejects.toMatchObject({ kind: 'cap-reached' });
  expect((await run.status()).attempts).toMatchObject([{ attempt: 1, exitCode: 1 }, { attempt: 2 }]);
  expect([cloud.creates, cloud.left]).toEqual([1, 0]);
});

it('a command that ends after a stop is not run again', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const text = 'name: stopped-once\ncommand: echo ready; sleep 600\nretry: { onFailure: { attempts: 2 } }\n';
  const run = await startJob(harness.client, job(text));
  await until(async () => (await outputOf(harness.runs, run.id)) === 'ready\n', 'the output');
  await run.stop();
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'stopped', exitCode: 143 });
  expect(result.attempts).toHaveLength(1);
});

it('a command that takes longer than maxCommand is not run again', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const text =
    'name: too-long\ncommand: sleep 600\nretry: { onFailure: { attempts: 2 } }\nlimits: { maxCommand: 1s }\n';
  const run = await startJob(harness.client, job(text));
  await expect(run.result()).rejects.toMatchObject({ kind: 'command-timeout' });
  expect((await run.status()).attempts).toHaveLength(1);
});

it('an attempt whose instance is lost continues on the next instance and is not counted again', async () => {
  const [first, second] = [harness.cloud('tensordock', 1), harness.cloud('verda', 2)];
  await harness.work([first, second]);
  const run = await startJob(
    harness.client,
    job(`name: lost
command: |
  echo start >> lost-starts
  n=$(wc -l < lost-starts); echo "start $n"
  case $n in 1) exit 1 ;; 2) sleep 600 ;; *) exit 0 ;; esac
retry: { onFailure: { attempts: 1 } }
`),
  );
  await until(async () => (await outputOf(harness.runs, run.id, 0, 2)) === 'start 2\n', 'the second attempt');
  first.instances.clear();
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'lost' }] });
  expect(result.attempts).toMatchObject([{ exitCode: 1 }, { attempt: 2, exitCode: 0 }]);
  expect(await outputs(run.id, [1, 2])).toEqual(['start 1\n', 'start 2\nstart 3\n']);
});

it('all nodes run the next attempt when one of them has failed', async () => {
  const cloud = harness.cloud('verda');
  await harness.work([cloud]);
  const run = await startJob(
    harness.client,
    job(`name: nodes
resources: { nodes: 2 }
command: |
  echo start >> nodes-$NODE_RANK
  echo "node $NODE_RANK start $(wc -l < nodes-$NODE_RANK)"
  if [ "$(wc -l < nodes-$NODE_RANK)" -ge 2 ]; then exit 0; fi
  [ $NODE_RANK = 1 ] && exit 7
  sleep 600
retry: { onFailure: { attempts: 1, exitCodes: [7] } }
`),
  );
  expect(await run.result()).toMatchObject({
    outcome: 'succeeded',
    exitCodes: [0, 0],
    attempts: [{ exitCode: 7 }, { exitCode: 0 }],
  });
  for (const node of [0, 1]) expect(await outputOf(harness.runs, run.id, node, 2)).toBe(`node ${node} start 2\n`);
});
