import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClouds, rankOffers } from '@gpu-clouds/clouds';
import { leaseInstance, startJob } from '@gpu-clouds/jobs';
import { bytesOf, until } from '@gpu-clouds/jobs/test';
import { createSimulators, type Simulators } from '@gpu-clouds/simulators';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Harness, job, outputOf } from './harness.ts';
import { steadyEvents } from './steady-events.ts';

/** Instances with a simulated Docker. */
let harness: Harness;
let simulators: Simulators;
let endpoints: Awaited<ReturnType<Simulators['listen']>>;
const cloudsThere = () => {
  const env = Object.assign({}, ...Object.values(endpoints).map((endpoint) => endpoint.env));
  return createClouds({ env }).clouds;
};
const work = async (secrets: Readonly<Record<string, string>> = {}) => {
  const clouds = cloudsThere();
  const timing = { consistencyWindowMs: 1000, pollIntervalMs: 200, watchIntervalMs: 500, bootTimeoutMs: 12_000 };
  return harness.work([...clouds.values()], secrets, timing);
};
beforeAll(async () => {
  harness = await Harness.start();
  simulators = createSimulators({ bootSeconds: 0.2 });
  endpoints = await simulators.listen();
});
afterEach(async () => {
  simulators.faults.clear();
  await harness.rest();
});
afterAll(async () => {
  await harness.close();
  await simulators.close();
});

const image = 'nvcr.io/nvidia/pytorch:25.10-py3';
const nothing = { instances: 0, keys: 0, volumes: 0, jobDeployments: 0 };
/** Copies what the simulated Docker was called with. */
const calls = 'cp "$HOME/../containers/calls.log" calls.log';

it('setup and command run in one container with env, secrets, files, and their exit code', async () => {
  await work({ TOKEN: 'a-secret-token', REGISTRY: 'me:pass:word' });
  const yaml = `name: inside
container: { image: "registry.private.example/me/job:1", registryAuth: REGISTRY }
env: { GREETING: "two\\nlines" }
secrets: [TOKEN]
setup: echo "$0" > where; nvidia-smi -L | wc -l
command: |
  echo "$GREETING, \${#TOKEN}, \${REGISTRY-none}, \${SSH_CLIENT-none}, \${PYTHONUNBUFFERED}"
  cat where; stat -c %u where > owner; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' > processes || true; ${calls}
  cp "$HOME/../containers/logins" logins
  exit 7
files: { down: [{ from: calls.log, to: calls.log }, { from: logins, to: logins }, { from: owner, to: owner }, { from: processes, to: processes }] }
`;
  const run = await startJob(harness.client, job(yaml));
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 7, failures: [] });
  expect(result.phases.map(({ phase }) => phase)).toContain('pulling-image');
  const output = await outputOf(harness.runs, run.id);
  expect(output).toMatch(
    /^Pulling registry\.private\.example\/me\/job:1\.\nGPU 0: .+\n1\ntwo\nlines, 14, none, none, 1\n.+\/setup\/inner\n$/,
  );
  expect(Number(await outputFile(run.id, 'owner'))).toBe(process.getuid?.());
  const called = await outputFile(run.id, 'calls.log');
  expect(called.match(/^docker run /gm)).toHaveLength(1);
  expect(called).toContain(
    `--user ${process.getuid?.()}:${process.getgid?.()} --entrypoint sh registry.private.example`,
  );
  expect(called).toMatch(/--config \S+ login --username me --password-stdin registry\.private\.example\n/);
  const sha256 = createHash('sha256').update('me:pass:word').digest('hex');
  expect(await outputFile(run.id, 'logins')).toBe(`registry.private.example ${sha256}\n`);
  const processes = await outputFile(run.id, 'processes');
  expect(processes).toContain('docker\nexec\n');
  const history = historyToJSON(await harness.client.workflow.getHandle(run.id).fetchHistory());
  const payloads = [...history.matchAll(/"data": ?"([^"]*)"/g)].map(([, data = '']) => Buffer.from(data, 'base64'));
  const texts = [called, processes, history, ...payloads.map(String)].join('\n');
  for (const secret of ['a-secret-token', 'pass:word']) expect(texts).not.toContain(secret);
  expect(await steadyEvents(harness.client, run.id)).toBeLessThanOrEqual(52);
  expect(simulators.ledger().left).toEqual(nothing);
});

it('a stop sends SIGTERM to the command in its container, which ends with its own exit code', async () => {
  await work();
  const yaml = `name: asked\ncontainer: { image: "${image}" }\ncommand: trap 'echo saving; exit 5' TERM; echo up; sleep 300 & wait\n`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => (await outputOf(harness.runs, run.id)).endsWith('up\n'));
  await run.stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 5 });
  expect(await outputOf(harness.runs, run.id)).toMatch(/up\nsaving\n$/);
});

it('tty: true gives the command in a container the terminal of its container, and a stop reaches it', async () => {
  await work();
  const yaml = `name: terminal
tty: true
container: { image: "${image}" }
setup: test -t 1 || echo no terminal
command: |
  trap 'echo saving; exit 5' TERM
  test -t 1 && echo "it's $TERM, $(stty size </dev/tty)"
  sleep 300 & wait
`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => (await outputOf(harness.runs, run.id)).includes('xterm'));
  await run.stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 5 });
  expect(await outputOf(harness.runs, run.id)).toMatch(/\nno terminal\nit's xterm, 24 80\nsaving\n$/);
});

it('a command that ignores SIGTERM in its container gets SIGKILL after maxStop', async () => {
  await work();
  const yaml = `name: deaf\ncontainer: { image: "${image}" }\nlimits: { maxStop: 1s }\ncommand: trap '' TERM; echo up; while :; do sleep 0.1; done\n`;
  const run = await startJob(harness.client, job(yaml));
  await until(async () => (await outputOf(harness.runs, run.id)).endsWith('up\n'));
  await run.stop();
  expect(await run.result()).toMatchObject({ outcome: 'stopped', exitCode: 137 });
});

it('a command in a container goes on while its worker is replaced, and starts once', async () => {
  await work();
  const yaml = `name: once
container: { image: "${image}" }
command: |
  echo "in $HOME."
  while [ ! -f go ]; do sleep 0.1; done
  ${calls}
files: { down: [{ from: calls.log, to: calls.log }] }
`;
  const run = await startJob(harness.client, job(yaml));
  const home = await until(async () => /in (.+)\.\n/.exec(await outputOf(harness.runs, run.id))?.[1]);
  await harness.rest();
  await work();
  await writeFile(join(home, 'go'), '');
  expect(await run.result()).toMatchObject({ outcome: 'succeeded', failures: [] });
  expect((await outputOf(harness.runs, run.id)).match(/^in /gm)).toHaveLength(1);
  expect((await outputFile(run.id, 'calls.log')).match(/^docker (run|exec \S+ sh) /gm)).toEqual([
    'docker run ',
    expect.stringMatching(/^docker exec /),
  ]);
});

it('an instance without a container runtime is replaced by the next offer', async () => {
  await simulators.faults.add({ kind: 'no-container-runtime', count: 1 });
  await work();
  const run = await startJob(harness.client, job(`name: none\ncontainer: { image: "${image}" }\ncommand: echo done\n`));
  const result = await run.result();
  expect(result).toMatchObject({ outcome: 'succeeded', failures: [{ kind: 'no-container-runtime' }] });
  expect(result.failures[0]?.message).toContain('has no Docker or Podman, and none could be installed');
  expect(await outputOf(harness.runs, run.id)).toContain('There is no Docker and no Podman');
  expect(simulators.ledger().left).toEqual(nothing);
});

it.each([
  ['an image that is missing', 'nvcr.io/missing:1', 'could not be pulled', ''],
  [
    'wrong credentials',
    'registry.private.example/me/job:1',
    'the registry refused container.registryAuth',
    ', registryAuth: REGISTRY',
  ],
])('%s: the run fails, and says why', async (_, wanted, why, more) => {
  await work({ REGISTRY: 'me:wrong' });
  const yaml = `name: refused\ncontainer: { image: "${wanted}"${more} }\ncommand: echo done\n`;
  const run = await startJob(harness.client, job(yaml));
  await expect(run.result()).rejects.toMatchObject({
    kind: 'image-pull-failed',
    message: expect.stringContaining(why),
  });
  expect(await outputOf(harness.runs, run.id)).not.toContain('done');
  expect(simulators.ledger().left).toEqual(nothing);
});

it('registry credentials that the worker does not give to jobs fail the run before anything is rented', async () => {
  await work();
  const created = simulators.ledger().instances.length;
  const yaml = `name: unlisted\ncontainer: { image: "${image}", registryAuth: REGISTRY }\ncommand: echo done\n`;
  const run = await startJob(harness.client, job(yaml));
  await expect(run.result()).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('REGISTRY') });
  expect(simulators.ledger().instances).toHaveLength(created);
});

async function outputFile(run: string, name: string): Promise<string> {
  return (await bytesOf(harness.runs.readFile(run, `outputs/${name}`))).toString();
}

it('a container on a lease has the GPUs and the folder of its run only, and is removed with the run', async () => {
  await work();
  const offers = await Promise.all([...cloudsThere().values()].map((cloud) => cloud.listOffers()));
  const [offer] = rankOffers(offers.flat(), { gpuCount: 8, spot: 'never' });
  if (offer === undefined) throw new Error('The simulated clouds have no instance with 8 GPUs.');
  const on = await leaseInstance(harness.client, { offer, ttl: '1h', name: 'boxed' });
  const yaml = `name: boxed
resources: { count: 2 }
container: { image: "${image}" }
setup: echo here > made
command: pwd; cat made; echo "\${CUDA_VISIBLE_DEVICES-none}"; exit 3
`;
  const run = await startJob(harness.client, job(yaml), { id: 'boxed', on });
  expect(await run.result()).toMatchObject({ exitCode: 3, lease: { gpus: [0, 1] } });
  const lines = (await outputOf(harness.runs, run.id)).trimEnd().split('\n').slice(-3);
  expect(lines).toEqual([expect.stringMatching(/\/\.gpu-clouds\/run-1-boxed\/work$/), 'here', 'none']);
  await until(async () => (await on.facts()).runs === undefined, 'the eviction');
  const after = await startJob(harness.client, job('name: after\ncommand: cat "$HOME/../containers/calls.log"\n'), {
    on,
  });
  await after.result();
  const called = await outputOf(harness.runs, after.id);
  expect(called).toMatch(/^docker run .*--name gpu-clouds-run-1-boxed .*--gpus "device=0,1" /m);
  expect(called).toMatch(/^docker rm -f gpu-clouds-run-1-boxed$/m);
  await on.release();
  await on.ended();
  expect(simulators.ledger().left).toEqual(nothing);
});
