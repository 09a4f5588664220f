import { describe, expect, it } from 'vitest';
import { type Bench, openBench, replyOf } from '../../test/api.ts';

const compute = { name: 'H100', size: 1 };
const containers = [{ image: 'registry-1.docker.io/chentex/random-logger:v1.0.1', exposed_port: 8080 }];

describe('serverless containers', () => {
  const scaling = {
    min_replica_count: 1,
    max_replica_count: 2,
    scale_down_policy: { delay_seconds: 300 },
    scale_up_policy: { delay_seconds: 300 },
    queue_message_ttl_seconds: 500,
    concurrent_requests_per_replica: 1,
    scaling_triggers: {
      queue_load: { threshold: 2 },
      cpu_utilization: { enabled: false, threshold: 80 },
      gpu_utilization: { enabled: false, threshold: 80 },
    },
  };
  const deployment = { name: 'llm', container_registry_settings: { is_private: false }, containers, compute, scaling };

  it('Verda container deployments can be created, changed, paused, and deleted by name', async () => {
    const { verda } = await openBench();
    const made = await verda('POST', '/container-deployments', deployment);
    expect([made.status, made.json]).toMatchObject([
      201,
      { name: 'llm', containers: [{ name: 'llm-0', image: { image: containers[0]?.image } }] },
    ]);
    expect((await verda('POST', '/container-deployments', deployment)).status).toBe(409);
    expect((await verda('PATCH', '/container-deployments/llm/scaling', { max_replica_count: 9 })).json).toMatchObject({
      ...scaling,
      max_replica_count: 9,
    });
    const changed = await verda('PATCH', '/container-deployments/llm', {
      containers: [{ name: 'llm-0', exposed_port: 9090 }],
    });
    expect(changed.json.containers[0].exposed_port).toBe(9090);
    expect((await verda('POST', '/container-deployments/llm/pause')).status).toBe(201);
    expect((await verda('GET', '/container-deployments/llm/status')).json).toEqual({ status: 'paused' });
    expect((await verda('GET', '/container-deployments/llm/replicas')).json).toEqual({ list: [] });
    expect((await verda('DELETE', '/container-deployments/llm')).status).toBe(200);
    expect((await verda('GET', '/container-deployments/llm')).status).toBe(404);
  });

  it('Verda container deployments accept nulls at any depth, as the vendor’s Python SDK sends them', async () => {
    const { verda } = await openBench();
    const nulls = { name: null, entrypoint_overrides: null, env: null, volume_mounts: null };
    const order = { ...deployment, containers: [{ ...containers[0], ...nulls }] };
    expect((await verda('POST', '/container-deployments', order)).status).toBe(201);
  });

  it.each([
    ['no scaling triggers', { scaling_triggers: null }],
    ['one scaling trigger', { scaling_triggers: { queue_load: { threshold: 1 }, cpu_utilization: null } }],
    ['a trigger without a threshold', { scaling_triggers: { gpu_utilization: { enabled: false } } }],
  ])('Verda container deployments accept %s, as the vendor’s Go SDK sends them', async (_what, change) => {
    const { verda } = await openBench();
    const order = { ...deployment, scaling: { ...scaling, ...change } };
    const unhealthy = { ...containers[0], healthcheck: { enabled: false } };
    expect((await verda('POST', '/container-deployments', { ...order, containers: [unhealthy] })).status).toBe(201);
    expect((await verda('GET', '/container-deployments/llm/scaling')).status).toBe(200);
    expect((await verda('PATCH', '/container-deployments/llm/scaling', change)).status).toBe(200);
  });

  it.each([
    ['a name with spaces', { name: 'my llm' }],
    ['an unknown compute resource', { compute: { name: 'Z900', size: 1 } }],
    ['an image with the tag latest', { containers: [{ image: 'docker.io/me/llm:latest', exposed_port: 80 }] }],
    ['an image without a tag', { containers: [{ image: 'localhost:5000/me/llm', exposed_port: 80 }] }],
  ])('Verda refuses a container deployment and a job deployment with %s', async (_what, change) => {
    const { verda } = await openBench();
    const jobScaling = { max_replica_count: 1, queue_message_ttl_seconds: 300, deadline_seconds: 3600 };
    const jobs = { ...deployment, scaling: jobScaling, ...change };
    expect((await verda('POST', '/container-deployments', { ...deployment, ...change })).status).toBe(400);
    expect((await verda('POST', '/job-deployments', jobs)).status).toBe(400);
  });

  it('the endpoint of a Verda container deployment is the simulator itself', async () => {
    const { verda, sims } = await openBench({ ssh: false });
    expect((await verda('POST', '/container-deployments', deployment)).json.endpoint_base_url).toBe(
      'https://simulators.localhost/llm',
    );
    const { baseUrl } = (await sims.listen()).verda;
    const { client_id, client_secret } = {
      client_id: sims.verda.env.VERDA_CLIENT_ID,
      client_secret: sims.verda.env.VERDA_CLIENT_SECRET,
    };
    const body = JSON.stringify({ grant_type: 'client_credentials', client_id, client_secret });
    const granted = await replyOf(await fetch(`${baseUrl}/v1/oauth2/token`, { method: 'POST', body }));
    const made = await fetch(`${baseUrl}/v1/container-deployments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${granted.json.access_token}` },
      body: JSON.stringify({ ...deployment, name: 'served' }),
    });
    expect((await replyOf(made)).json.endpoint_base_url).toBe(`${baseUrl}/served`);
    await sims.close();
  });

  it('Verda container deployments store environment variables per container', async () => {
    const { verda } = await openBench();
    await verda('POST', '/container-deployments', deployment);
    const path = '/container-deployments/llm/environment-variables';
    const one = { name: 'A', value_or_reference_to_secret: '1', type: 'plain' };
    expect((await verda('POST', path, { container_name: 'llm-0', env: [one] })).json).toEqual([
      { container_name: 'llm-0', env: [one] },
    ]);
    const changed = { ...one, value_or_reference_to_secret: '2' };
    expect((await verda('PATCH', path, { container_name: 'llm-0', env: [changed] })).json).toEqual({
      container_name: 'llm-0',
      env: [changed],
    });
    expect((await verda('DELETE', path, { container_name: 'llm-0', env: ['A'] })).json[0].env).toEqual([]);
  });
});

describe('serverless jobs', () => {
  const scaling = { max_replica_count: 1, queue_message_ttl_seconds: 300, deadline_seconds: 3600 };
  const order = { name: 'train', containers, compute, scaling };

  async function submitted(bench: Bench, path = '/train/job?duration=20'): Promise<Record<string, string>> {
    await bench.verda('POST', '/job-deployments', order);
    await bench.clock.advance(10);
    const { json } = await send(bench, 'POST', path);
    return { 'x-inference-id': json.Id };
  }

  async function send(bench: Bench, method: string, path: string, headers: Record<string, string> = {}) {
    const authorization = `Bearer ${bench.sims.verda.env.VERDA_INFERENCE_KEY}`;
    const url = `https://containers.datacrunch.io${path}`;
    return replyOf(await bench.sims.verda.fetch(new Request(url, { method, headers: { authorization, ...headers } })));
  }

  it('a deleted Verda job deployment is terminating, then gone', async () => {
    const { verda, clock, sims } = await openBench();
    expect((await verda('POST', '/job-deployments', order)).status).toBe(201);
    expect((await verda('POST', '/job-deployments', order)).status).toBe(409);
    expect((await verda('GET', '/job-deployments')).json).toMatchObject([{ name: 'train', compute }]);
    expect((await verda('GET', '/job-deployments/train/scaling')).json).toEqual(scaling);
    await clock.advance(10);
    expect((await verda('GET', '/job-deployments/train/status')).json).toEqual({ status: 'running' });
    expect((await verda('DELETE', '/job-deployments/train')).status).toBe(200);
    expect((await verda('GET', '/job-deployments/train/status')).json).toEqual({ status: 'terminating' });
    expect(sims.ledger().left.jobDeployments).toBe(1);
    await clock.advance(10);
    expect((await verda('GET', '/job-deployments')).json).toEqual([]);
    expect(sims.ledger().left.jobDeployments).toBe(0);
  });

  it('a Verda job deployment runs a job, returns the response of its container, and is billed meanwhile', async () => {
    const bench = await openBench();
    const job = await submitted(bench);
    expect((await send(bench, 'GET', '/status/train', job)).json).toMatchObject({ Status: 'Inference' });
    await bench.clock.advance(3600);
    expect((await send(bench, 'GET', '/status/train', job)).json).toMatchObject({ Status: 'Completed' });
    const result = await send(bench, 'GET', '/result/train', job);
    expect(result).toMatchObject({ status: 200, json: { success: true } });
    // The vendor's Python SDK parses exactly this media type.
    expect(result.headers.get('content-type')).toBe('application/json');
    const [deployment] = bench.sims.ledger().jobDeployments;
    expect(deployment?.jobs).toBe(1);
    expect(deployment?.answers).toMatchObject([{ status: 200, body: expect.stringContaining('"success":true') }]);
    // 10 s of boot and 20 s of work at the serverless price.
    expect(deployment?.dollars).toBeCloseTo((30 / 3600) * 2.29 * 1.1);
  });

  it('the result of a failed Verda job has the status of the container’s response', async () => {
    const bench = await openBench();
    const job = await submitted(bench, '/train/job?duration=1&failed=true');
    await bench.clock.advance(60);
    expect((await send(bench, 'GET', '/result/train', job)).status).toBe(500);
  });

  it('a Verda job ends at its deadline or when its job deployment is deleted', async () => {
    const bench = await openBench();
    const job = await submitted(bench, '/train/job?duration=7200');
    await bench.clock.advance(4000);
    expect((await send(bench, 'GET', '/status/train', job)).json).toMatchObject({ Status: 'Inference' });
    expect(bench.sims.ledger().dollars).toBeCloseTo((3610 / 3600) * 2.29 * 1.1);
    await send(bench, 'POST', '/train/job');
    await bench.verda('DELETE', '/job-deployments/train');
    await bench.clock.advance(4000);
    expect(bench.sims.ledger().dollars).toBeCloseTo((3610 / 3600) * 2.29 * 1.1);
  });

  it('a Verda job deployment is running at once, and its jobs wait in the queue until it has booted', async () => {
    const bench = await openBench();
    await bench.verda('POST', '/job-deployments', order);
    expect((await bench.verda('GET', '/job-deployments/train/status')).json).toEqual({ status: 'running' });
    const { json } = await send(bench, 'POST', '/train/job?duration=20');
    const status = async () => (await send(bench, 'GET', '/status/train', { 'x-inference-id': json.Id })).json.Status;
    expect(await status()).toBe('Queue');
    await bench.clock.advance(10);
    expect(await status()).toBe('Inference');
  });

  it('an unknown path of Verda’s API is a 404, with or without an inference key', async () => {
    const bench = await openBench();
    expect((await send(bench, 'GET', '/v1/no-such-path')).status).toBe(404);
    expect((await bench.verda('POST', '/no/such/path')).status).toBe(404);
  });

  it('a Verda job submission with a wrong inference key is a 401', async () => {
    const bench = await openBench();
    expect((await send(bench, 'POST', '/train/job', { authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

it('Verda secrets, file secrets, and registry credentials are listed by name without their values', async () => {
  const { verda } = await openBench();
  await verda('POST', '/secrets', { name: 'token', value: 'hush' });
  const files = [{ file_name: 'a.txt', base64_content: 'aHVzaA==' }];
  await verda('POST', '/file-secrets', { name: 'files', files });
  await verda('POST', '/container-registry-credentials', {
    name: 'hub',
    type: 'dockerhub',
    username: 'u',
    access_token: 'hush',
  });
  const shown = await Promise.all(
    ['/secrets', '/file-secrets', '/container-registry-credentials'].map((path) => verda('GET', path)),
  );
  expect(shown.map(({ json }) => json[0].name)).toEqual(['token', 'files', 'hub']);
  expect(shown.map(({ text }) => text).join()).not.toContain('hush');
  expect((await verda('DELETE', '/secrets/token')).status).toBe(200);
  expect((await verda('DELETE', '/secrets/token')).status).toBe(404);
});

it.each([
  [
    'secrets',
    { name: 'in-use', value: 'v' },
    { env: [{ name: 'A', type: 'secret', value_or_reference_to_secret: 'in-use' }] },
  ],
  [
    'file-secrets',
    { name: 'in-use', files: [{ file_name: 'a', base64_content: 'YQ==' }] },
    { volume_mounts: [{ type: 'secret', mount_path: '/s', secret_name: 'in-use' }] },
  ],
])('Verda deletes %s that a deployment uses only with force', async (path, secret, container) => {
  const { verda } = await openBench();
  expect((await verda('POST', `/${path}`, secret)).status).toBe(201);
  const scaling = { max_replica_count: 1, queue_message_ttl_seconds: 300, deadline_seconds: 3600 };
  const order = { name: 'train', containers: [{ ...containers[0], ...container }], compute, scaling };
  expect((await verda('POST', '/job-deployments', order)).status).toBe(201);
  expect((await verda('DELETE', `/${path}/in-use`)).status).toBe(400);
  expect((await verda('DELETE', `/${path}/in-use?force=false`)).status).toBe(400);
  expect((await verda('DELETE', `/${path}/in-use?force=true`)).status).toBe(200);
});

it('Verda cluster types are available only where they are sold, and name their own GPUs', async () => {
  const { verda } = await openBench();
  const at = async (query: string) => (await verda('GET', `/cluster-availability${query}`)).json;
  expect(await at('?location_code=FIN-03')).toEqual([
    { location_code: 'FIN-03', availabilities: ['16H200', '16B200'] },
  ]);
  expect(await at('?location_code=FIN-01')).toEqual([{ location_code: 'FIN-01', availabilities: [] }]);
  expect(await at('/16B200')).toBe(true);
  expect(await at('/16B200?location_code=FIN-01')).toBe(false);
  const types = (await verda('GET', '/cluster-types')).json;
  expect(types.map((type: { gpu: { description: string } }) => type.gpu.description)).toEqual([
    '16x H200 SXM5 141GB',
    '16x B200 SXM6 180GB',
  ]);
});

it('a Verda cluster is billed as an instance, and its shared volume outlives it', async () => {
  const { verda, clock, sims } = await openBench();
  const order = {
    cluster_type: '16H200',
    image: 'ubuntu-22.04-cuda-12.4-cluster',
    hostname: 'c',
    description: 'd',
    location_code: 'FIN-03',
    shared_volume: { name: 'shared', size: 1000 },
  };
  const made = await verda('POST', '/clusters', order);
  expect(made.status).toBe(202);
  await clock.advance(3600);
  expect((await verda('GET', `/clusters/${made.json.id}`)).json).toMatchObject({
    status: 'running',
    cluster_type: '16H200',
  });
  expect(sims.ledger().instances[0]?.dollars).toBeCloseTo(55.2);
  await verda('PUT', '/clusters', { actions: [{ action: 'discontinue', id: made.json.id }] });
  expect((await verda('GET', '/clusters')).json).toEqual([]);
  expect(sims.ledger().left).toEqual({ instances: 0, keys: 0, volumes: 1, jobDeployments: 0 });
});
