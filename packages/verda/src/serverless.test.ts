import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type CreateCluster,
  type CreateContainerDeployment,
  type CreateJobDeployment,
  createVerda,
  type EnvironmentVariable,
  type VolumeMount,
} from './index.ts';
import { conflict, notFound, outOfCapacity, verdaHandlers } from './msw.ts';

const server = setupServer(verdaHandlers.getAccessToken());
const verda = createVerda({ clientId: 'the-id', clientSecret: 'the-secret', maxRetries: 0 });

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const env: EnvironmentVariable[] = [
  { name: 'MODEL', value_or_reference_to_secret: 'llama', type: 'plain' },
  { name: 'HF_TOKEN', value_or_reference_to_secret: 'hf-token', type: 'secret' },
];
const volume_mounts: VolumeMount[] = [
  { type: 'scratch', mount_path: '/data' },
  { type: 'memory', mount_path: '/dev/shm', size_in_mb: 1024 },
  { type: 'secret', mount_path: '/etc/keys', secret_name: 'keys' },
  { type: 'shared', mount_path: '/models', volume_id: '03b07f44-d896-4ac4-9211-60f75332e56d' },
];
const compute = { name: 'H100', size: 1 };
const containers = [{ image: 'ghcr.io/acme/llm:1', exposed_port: 8080, env, volume_mounts }];

const deployment: CreateContainerDeployment = {
  name: 'llm',
  containers,
  compute,
  is_spot: true,
  container_registry_settings: { is_private: false },
  scaling: {
    min_replica_count: 0,
    max_replica_count: 2,
    queue_message_ttl_seconds: 500,
    scale_down_policy: { delay_seconds: 300 },
    scale_up_policy: { delay_seconds: 0 },
    concurrent_requests_per_replica: 1,
    scaling_triggers: {
      queue_load: { threshold: 2 },
      cpu_utilization: { enabled: false, threshold: 80 },
      gpu_utilization: { enabled: true, threshold: 80 },
    },
  },
};
const job: CreateJobDeployment = {
  name: 'train',
  containers,
  compute,
  container_registry_settings: { credentials: { name: 'ghcr' } },
  scaling: { max_replica_count: 4, queue_message_ttl_seconds: 500, deadline_seconds: 3600 },
};
const cluster: CreateCluster = {
  cluster_type: '16H200',
  image: 'ubuntu-22.04-cuda-12.4-cluster',
  hostname: 'trainer',
  description: 'trainer',
  location_code: 'FIN-03',
  ssh_key_ids: ['a-key'],
  shared_volume: { name: 'home', size: 100 },
};

describe('a container deployment', () => {
  test('createContainerDeployment sends every kind of mount and variable in the vendor format', async () => {
    let sent: unknown;
    server.use(
      verdaHandlers.createContainerDeployment(async ({ body, example }) => {
        sent = await body();
        return { status: 201, body: { ...example, name: deployment.name } };
      }),
    );
    const made = await verda.createContainerDeployment({ body: deployment });
    expect(sent).toEqual(deployment);
    expect(made).toMatchObject({ name: 'llm', container_registry_settings: { is_private: expect.any(Boolean) } });
  });

  test('a container deployment is read, updated, scaled, and deleted by its name', async () => {
    const path = { deployment_name: 'llm' };
    const seen: unknown[] = [];
    server.use(
      verdaHandlers.getContainerDeployment(({ params, example }) => ({
        status: 200,
        body: { ...example, name: params.deployment_name },
      })),
      verdaHandlers.updateContainerDeployment(async ({ body, example }) => {
        seen.push(await body());
        return { status: 200, body: example };
      }),
      verdaHandlers.updateContainerDeploymentScaling(async ({ body, example }) => {
        seen.push(await body());
        return { status: 200, body: example };
      }),
      verdaHandlers.deleteContainerDeployment(),
    );
    expect(await verda.getContainerDeployment({ path })).toMatchObject({ name: 'llm' });
    const change = { containers: [{ name: 'llm-0', exposed_port: 9090 }] };
    await verda.updateContainerDeployment({ path, body: change });
    await verda.updateContainerDeploymentScaling({ path, body: { max_replica_count: 9 } });
    await expect(verda.deleteContainerDeployment({ path })).resolves.toBeUndefined();
    expect(seen).toEqual([change, { max_replica_count: 9 }]);
  });

  test('environment variables of a container deployment are set and deleted per container', async () => {
    const path = { deployment_name: 'llm' };
    const seen: unknown[] = [];
    server.use(
      verdaHandlers.addContainerDeploymentEnvironmentVariables(async ({ body, example }) => {
        seen.push(await body());
        return { status: 200, body: example };
      }),
      verdaHandlers.deleteContainerDeploymentEnvironmentVariables(async ({ body, example }) => {
        seen.push(await body());
        return { status: 200, body: example };
      }),
    );
    await verda.addContainerDeploymentEnvironmentVariables({ path, body: { container_name: 'llm-0', env } });
    const names = { container_name: 'llm-0', env: ['MODEL'] };
    await verda.deleteContainerDeploymentEnvironmentVariables({ path, body: names });
    expect(seen).toEqual([{ container_name: 'llm-0', env }, names]);
  });

  test('pause, resume, restart, and purge of a container deployment are sent once and resolve without a body', async () => {
    const path = { deployment_name: 'llm' };
    server.use(
      verdaHandlers.pauseContainerDeployment(),
      verdaHandlers.resumeContainerDeployment(),
      verdaHandlers.restartContainerDeployment(),
      verdaHandlers.purgeContainerDeploymentQueue(),
    );
    for (const act of [
      verda.pauseContainerDeployment,
      verda.resumeContainerDeployment,
      verda.restartContainerDeployment,
      verda.purgeContainerDeploymentQueue,
    ]) {
      await expect(act({ path })).resolves.toBeUndefined();
    }
  });

  test('createContainerDeployment with a used name rejects with conflict and had no effect', async () => {
    server.use(verdaHandlers.createContainerDeployment(conflict('A deployment with this name already exists')));
    const error = { code: 'conflict', mayHaveTakenEffect: false };
    await expect(verda.createContainerDeployment({ body: deployment })).rejects.toMatchObject(error);
  });
});

test('a job deployment is created, read, and deleted', async () => {
  const path = { jobName: 'train' };
  let sent: unknown;
  server.use(
    verdaHandlers.createJobDeployment(async ({ body, example }) => {
      sent = await body();
      return { status: 201, body: { ...example, name: 'train' } };
    }),
    verdaHandlers.getJobDeployment(({ params, example }) => ({
      status: 200,
      body: { ...example, name: params.jobName },
    })),
    verdaHandlers.getJobDeploymentStatus({ status: 200, body: { status: 'running' } }),
    verdaHandlers.deleteJobDeployment(),
  );
  expect(await verda.createJobDeployment({ body: job })).toMatchObject({ name: 'train' });
  expect(sent).toEqual(job);
  expect(await verda.getJobDeployment({ path })).toMatchObject({ name: 'train' });
  expect(await verda.getJobDeploymentStatus({ path })).toEqual({ status: 'running' });
  await expect(verda.deleteJobDeployment({ path })).resolves.toBeUndefined();
});

describe('a secret', () => {
  test('a secret is created, listed without its value, and deleted', async () => {
    const seen: unknown[] = [];
    server.use(
      verdaHandlers.createSecret(async ({ body }) => {
        seen.push(await body());
        return { status: 201 };
      }),
      verdaHandlers.createFileSecret(async ({ body }) => {
        seen.push(await body());
        return { status: 201 };
      }),
      verdaHandlers.listSecrets(),
      verdaHandlers.deleteSecret(({ params }) => (params.secret_name === 'hf-token' ? { status: 200 } : notFound())),
    );
    const secret = { name: 'hf-token', value: 'hunter22' };
    const files = { name: 'keys', files: [{ file_name: 'id', base64_content: 'aGk=' }] };
    await expect(verda.createSecret({ body: secret })).resolves.toBeUndefined();
    await expect(verda.createFileSecret({ body: files })).resolves.toBeUndefined();
    expect(seen).toEqual([secret, files]);
    for (const listed of await verda.listSecrets()) expect(listed).not.toHaveProperty('value');
    await expect(verda.deleteSecret({ path: { secret_name: 'hf-token' } })).resolves.toBeUndefined();
    await expect(verda.deleteSecret({ path: { secret_name: 'x' } })).rejects.toMatchObject({ code: 'not-found' });
  });
});

test('registry credentials are created, and an error that repeats them is redacted', async () => {
  const body = { name: 'ghcr', type: 'ghcr', username: 'acme', access_token: 'ghp_hunter22' } as const;
  server.use(verdaHandlers.createRegistryCredentials(conflict('ghcr with ghp_hunter22 already exists')));
  const error: unknown = await verda.createRegistryCredentials({ body }).catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'conflict' });
  expect(String(error) + JSON.stringify(error)).not.toContain('ghp_hunter22');
  server.use(verdaHandlers.createRegistryCredentials(), verdaHandlers.deleteRegistryCredentials());
  await expect(verda.createRegistryCredentials({ body })).resolves.toBeUndefined();
  await expect(verda.deleteRegistryCredentials({ path: { credentials_name: 'ghcr' } })).resolves.toBeUndefined();
});

describe('a cluster', () => {
  test('createCluster resolves to the new id', async () => {
    let sent: unknown;
    server.use(
      verdaHandlers.createCluster(async ({ body }) => {
        sent = await body();
        return { status: 202, body: { id: 'c-1' } };
      }),
      verdaHandlers.getCluster(({ params, example }) => ({
        status: 200,
        body: { ...example, id: params.id, ip: null },
      })),
    );
    const { id } = await verda.createCluster({ body: cluster });
    expect(sent).toEqual(cluster);
    expect(await verda.getCluster({ path: { id } })).toMatchObject({ id: 'c-1', ip: null });
  });

  test('createCluster out of capacity had no effect', async () => {
    server.use(verdaHandlers.createCluster(outOfCapacity('16H200', 'FIN-03')));
    const error = { status: 503, mayHaveTakenEffect: false };
    await expect(verda.createCluster({ body: cluster })).rejects.toMatchObject(error);
  });

  test('performClusterActions discontinues several clusters', async () => {
    let sent: unknown;
    server.use(
      verdaHandlers.performClusterActions(async ({ body }) => {
        sent = await body();
        return undefined;
      }),
      verdaHandlers.performClusterActions(),
    );
    const body = {
      actions: [
        { action: 'discontinue', id: 'c-1' },
        { action: 'discontinue', id: 'c-2' },
      ],
    };
    await verda.performClusterActions({ body });
    expect(sent).toEqual(body);
  });
});
