import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { createVerda } from '@gpu-clouds/verda';
import { afterEach, describe, expect, it } from 'vitest';
import { benchVendors, openBench, replyOf } from '../test/api.ts';
import { publicKey } from '../test/key-pair.ts';
import { run } from '../test/ssh.ts';
import type { CallReport } from './call-report.ts';
import { createManualClock } from './clock.ts';
import { documentOf } from './documents.ts';
import { createSimulators, type SimulatorOptions, type Simulators } from './simulators.ts';
import { vendors } from './vendor.ts';

const opened: Simulators[] = [];

function open(options: SimulatorOptions = {}): Simulators {
  const sims = createSimulators(options);
  opened.push(sims);
  return sims;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((sims) => sims.close()));
});

describe('listening', () => {
  it('listen serves each vendor on loopback and returns base URLs and credentials', async () => {
    const sims = open();
    const endpoints = await sims.listen();
    expect(Object.keys(endpoints)).toEqual([...vendors]);
    expect(endpoints.verda.env).toEqual({
      VERDA_CLIENT_ID: expect.any(String),
      VERDA_CLIENT_SECRET: expect.any(String),
      VERDA_INFERENCE_KEY: expect.any(String),
      VERDA_BASE_URL: endpoints.verda.baseUrl,
      VERDA_SSH_PORT: expect.stringMatching(/^\d+$/),
    });
    expect(Object.keys(endpoints['gpu-ai'].env)).toEqual(['GPU_AI_API_KEY', 'GPU_AI_BASE_URL']);
    expect(Object.keys(endpoints['massed-compute'].env)).toEqual([
      'MASSED_COMPUTE_TOKEN',
      'MASSED_COMPUTE_BASE_URL',
      'MASSED_COMPUTE_SSH_PORT',
    ]);
    expect(Object.keys(endpoints.tensordock.env)).toEqual([
      'TENSORDOCK_API_KEY',
      'TENSORDOCK_API_TOKEN',
      'TENSORDOCK_BASE_URL',
    ]);
    for (const vendor of vendors) expect(endpoints[vendor].baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
    expect((await fetch(`${endpoints['gpu-ai'].baseUrl}/health`)).status).toBe(200);
  });

  it('await using closes the servers at the end of the block', async () => {
    const url = await (async () => {
      await using sims = createSimulators({ ssh: false });
      return `${(await sims.listen())['gpu-ai'].baseUrl}/health`;
    })();
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('the options of a simulator authenticate the client of its vendor, without a server', async () => {
    const sims = open();
    expect(await createGpuAi(sims['gpu-ai'].options).listInstances()).toEqual({ data: [], next_cursor: null });
    expect(await createMassedCompute(sims['massed-compute'].options).listInstances()).toEqual({ runningInstances: [] });
    expect(await createTensorDock(sims.tensordock.options).testAuthorization()).toEqual({ success: true });
    expect(await createVerda(sims.verda.options).listInstances()).toEqual([]);
  });

  it('listen names a port that is in use', async () => {
    const first = await open().listen();
    const port = Number(new URL(first['gpu-ai'].baseUrl).port);
    await expect(open().listen({ portBase: port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  });

  it('each Verda instance has its own address and accepts SSH logins with the registered key until it is taken back', async () => {
    const clock = createManualClock();
    const sims = open({ clock, bootSeconds: 10 });
    const { verda } = await sims.listen();
    const token = await fetch(`${verda.baseUrl}/v1/oauth2/token`, {
      method: 'POST',
      body: JSON.stringify({
        grant_type: 'client_credentials',
        client_id: verda.env.VERDA_CLIENT_ID,
        client_secret: verda.env.VERDA_CLIENT_SECRET,
      }),
    });
    const { access_token } = (await replyOf(token)).json;
    const send = async (method: string, path: string, body?: unknown) =>
      replyOf(
        await fetch(`${verda.baseUrl}/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${access_token}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
    const { text: keyId } = await send('POST', '/ssh-keys', { name: 'k', key: publicKey });
    const order = {
      instance_type: '1A6000.10V',
      image: 'ubuntu-24.04',
      hostname: 'h',
      description: 'd',
      location_code: 'FIN-01',
    };
    const ids: string[] = [];
    for (let i = 0; i < 2; i++) ids.push((await send('POST', '/instances', { ...order, ssh_key_ids: keyId })).text);
    await clock.advance(10);
    const addresses = await Promise.all(ids.map(async (id) => (await send('GET', `/instances/${id}`)).json.ip));
    if (process.platform === 'linux') expect(new Set(addresses).size).toBe(2);
    const target = { host: addresses[0], port: Number(verda.env.VERDA_SSH_PORT), username: 'root' };
    expect((await run(target, 'echo $HOSTNAME')).out).toBe('h\n');
    await sims.faults.add({ kind: 'preempt', instance: ids[0] ?? '' });
    await expect(run(target, 'true')).rejects.toThrow('ECONNREFUSED');
    expect((await send('GET', `/instances/${ids[0]}`)).json.status).toBe('discontinued');
    const kinds = ['reboot', 'preempt'] as const;
    await Promise.all(kinds.map((kind) => sims.faults.add({ kind, instance: ids[1] ?? '' })));
    await clock.advance(10);
    await expect(run({ ...target, host: addresses[1] }, 'true')).rejects.toThrow('ECONNREFUSED');
  });

  it('a TensorDock host forwards an external port to the SSH server of the virtual machine', async () => {
    const sims = open({ bootSeconds: 0 });
    const { tensordock } = await sims.listen();
    const api = `${tensordock.baseUrl}/api/v0/client/deploy`;
    const { hostnodes } = (await replyOf(await fetch(`${api}/hostnodes`))).json;
    const [hostnode = ''] = Object.keys(hostnodes);
    const [port] = hostnodes[hostnode].networking.ports;
    const [gpu_model = ''] = Object.keys(hostnodes[hostnode].specs.gpu);
    const form = new URLSearchParams({
      api_key: tensordock.env.TENSORDOCK_API_KEY ?? '',
      api_token: tensordock.env.TENSORDOCK_API_TOKEN ?? '',
      ...{ name: 'h', hostnode, gpu_model, gpu_count: '1', vcpus: '4', ram: '16', storage: '100' },
      ...{ operating_system: 'Ubuntu 22.04 LTS', external_ports: `{${port}}`, internal_ports: '{22}' },
      // Older clients pass their keys in a cloud-init script.
      password: 'unused',
      cloudinit_script: `users:\\n- name: user\\n  ssh_authorized_keys:\\n  - ${publicKey}\\n`,
    });
    expect((await replyOf(await fetch(`${api}/single`, { method: 'POST', body: form }))).json.success).toBe(true);
    const target = { host: '127.0.0.1', port, username: 'user' };
    await expect.poll(async () => (await run(target, 'echo up')).out).toBe('up\n');
  });
});

describe('faults', () => {
  it('refuse closes the connection before the request takes effect, and lost-response after it', async () => {
    const sims = open({
      faults: [
        { kind: 'refuse', vendor: 'massed-compute', operation: 'launchInstance' },
        { kind: 'lost-response', vendor: 'massed-compute', operation: 'launchInstance' },
      ],
    });
    const { baseUrl, env } = (await sims.listen())['massed-compute'];
    const launch = (instanceName: string) =>
      fetch(`${baseUrl}/instance/launch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${env.MASSED_COMPUTE_TOKEN}` },
        body: JSON.stringify({ imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any', instanceName }),
      });
    await expect(launch('refused')).rejects.toThrow('fetch failed');
    await expect(launch('lost')).rejects.toThrow('fetch failed');
    expect(sims.ledger().instances.map(({ name }) => name)).toEqual(['lost']);
  });

  it.each([
    ['http-500', 500, 'application/json'],
    ['http-502', 502, 'text/html'],
    ['http-503', 503, 'text/html'],
    ['rate-limit', 429, 'application/json'],
  ] as const)('the fault %s responds with %d as %s and has no effect', async (kind, status, media) => {
    const { massed, sims } = await openBench({ faults: [{ kind, vendor: 'massed-compute' }] });
    const order = { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' };
    const failed = await massed('POST', '/instance/launch', order);
    expect([failed.status, failed.headers.get('content-type')]).toEqual([status, expect.stringContaining(media)]);
    expect(failed.headers.get('retry-after')).toBe(status === 429 ? '1' : null);
    expect(sims.ledger().instances).toEqual([]);
    expect((await massed('POST', '/instance/launch', order)).status).toBe(202);
  });

  it('no-funds fails a create call with the 402 of each vendor that has one', async () => {
    const { verda, massed, gpuAi } = await openBench({ faults: [{ kind: 'no-funds', count: 3 }] });
    const type = {
      instance_type: '1A6000.10V',
      image: 'ubuntu-24.04',
      hostname: 'h',
      description: 'd',
      location_code: 'FIN-01',
    };
    const refused = [
      await verda('POST', '/instances', type),
      await massed('POST', '/instance/launch', { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' }),
      await gpuAi('POST', '/instances', { gpu_type: 'l40s', gpu_count: 1, tier: 'on_demand' }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([402, 402, 402]);
  });

  it('adding a fault for an unknown instance fails', async () => {
    const { sims } = await openBench();
    await expect(sims.faults.add({ kind: 'preempt', instance: 'nobody' })).rejects.toThrow(
      'Unknown instance "nobody".',
    );
  });

  it('list-lag keeps a new instance out of the list for its duration', async () => {
    const { massed, clock } = await openBench({ faults: [{ kind: 'list-lag', seconds: 3 }] });
    await massed('POST', '/instance/launch', { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' });
    expect((await massed('GET', '/instance')).json.runningInstances).toEqual([]);
    await clock.advance(3);
    expect((await massed('GET', '/instance')).json.runningInstances).toHaveLength(1);
  });

  it('latency delays a request by the simulated clock', async () => {
    const { gpuAi, clock } = await openBench({ faults: [{ kind: 'latency', seconds: 30 }] });
    let answered = false;
    const waiting = gpuAi('GET', '/health').then(() => {
      answered = true;
    });
    await clock.advance(29);
    expect(answered).toBe(false);
    await clock.advance(1);
    await waiting;
  });

  it('never-boots keeps an instance from booting while it is billed', async () => {
    const { massed, clock, sims } = await openBench({ faults: [{ kind: 'never-boots' }] });
    const { response } = (
      await massed('POST', '/instance/launch', { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' })
    ).json;
    await clock.advance(3600);
    expect((await massed('GET', `/instance/${response}`)).json.runningInstance.os_booted).toBe(0);
    expect(sims.ledger().dollars).toBeCloseTo(0.57);
  });

  it('delete-fails fails a delete call without an effect', async () => {
    const { verda, massed, gpuAi, tensorDock, clock, sims } = await openBench();
    const { response } = (
      await massed('POST', '/instance/launch', { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' })
    ).json;
    const { resource_id } = (await gpuAi('POST', '/instances', { gpu_type: 'l40s', gpu_count: 1, tier: 'on_demand' }))
      .json;
    await clock.advance(10);
    await sims.faults.add({ kind: 'delete-fails', count: 4 });
    const failed = [
      await massed('POST', '/instance/terminate', { instanceUuids: [response] }),
      await gpuAi('DELETE', `/instances/${resource_id}`),
      await verda('PUT', '/instances', { action: 'delete', id: response }),
      await tensorDock('POST', '/client/delete/single', { server: response }),
    ];
    expect(failed.map(({ status }) => status)).toEqual([500, 500, 500, 200]);
    expect(sims.ledger().left.instances).toBe(2);
  });
});

describe('control endpoints', () => {
  it('the control endpoints return the ledger and change the faults on every server', async () => {
    const sims = open();
    const endpoints = await sims.listen();
    for (const vendor of vendors) {
      const origin = new URL(endpoints[vendor].baseUrl).origin;
      expect((await replyOf(await fetch(`${origin}/_simulator/ledger`))).json.left).toEqual({
        instances: 0,
        keys: 0,
        volumes: 0,
        jobDeployments: 0,
      });
      const faults = (method: string, body?: string) =>
        fetch(`${origin}/_simulator/faults`, { method, ...(body === undefined ? {} : { body }) });
      expect((await faults('POST', '{"kind": "http-500", "vendor": "gpu-ai"}')).status).toBe(201);
      expect((await fetch(`${endpoints['gpu-ai'].baseUrl}/health`)).status).toBe(500);
      await faults('POST', '[{"kind": "http-500"}]');
      expect((await faults('DELETE')).status).toBe(204);
      expect((await fetch(`${endpoints['gpu-ai'].baseUrl}/health`)).status).toBe(200);
      const wrong = await replyOf(await faults('POST', '{"kind": "explode"}'));
      expect([wrong.status, wrong.json.error]).toEqual([400, expect.stringContaining('needs a "kind"')]);
      expect((await faults('POST', 'no json')).status).toBe(400);
    }
  });
});

it('the simulators give the same ids and credentials for the same seed', async () => {
  const idsOf = async (seed: number) => {
    const { massed, sims } = await openBench({ seed });
    const order = { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' };
    return [sims.verda.env.VERDA_CLIENT_SECRET, (await massed('POST', '/instance/launch', order)).json.response];
  };
  expect(await idsOf(5)).toEqual(await idsOf(5));
  expect(await idsOf(5)).not.toEqual(await idsOf(6));
});

it('onCall reports each response with its vendor, operation, and status', async () => {
  const calls: CallReport[] = [];
  const { massed, sims } = await openBench({ onCall: (call) => calls.push(call) });
  await massed('POST', '/coupon/information', { coupon: 'none' });
  await sims.faults.add({ kind: 'lost-response', vendor: 'massed-compute', operation: 'listInstances' });
  await expect(massed('GET', '/instance')).rejects.toThrow('fetch failed');
  expect(calls).toEqual([{ vendor: 'massed-compute', operation: 'getCoupon', status: 404 }]);
});

it('an override of an unknown product fails with the list of products', () => {
  expect(() => createSimulators({ catalog: { verda: { '1X.1V': { available: 1 } } } })).toThrow(
    'has no product "1X.1V". Use one of: 1V100.6V',
  );
});

it.each(benchVendors)(
  'every documented operation of %s returns a response that matches its document',
  async (vendor) => {
    const problems: string[] = [];
    const bench = await openBench({ onInvalidAnswer: (problem) => problems.push(problem) });
    const clients = {
      verda: bench.verda,
      'gpu-ai': bench.gpuAi,
      'massed-compute': bench.massed,
      tensordock: bench.tensorDock,
    };
    const { operations, baseUrl } = documentOf(vendor);
    const version = vendor === 'verda' ? '/v1' : vendor === 'tensordock' ? '/api/v0' : '';
    expect(bench.sims[vendor].baseUrl).toBe(baseUrl);
    const unknown = await clients[vendor]('GET', '/no-such-path');
    for (const { method, path, id, responses } of operations) {
      // The additions are tested one by one: no document says how they answer.
      if (id === 'getAccessToken' || responses === undefined) continue;
      const requestPath = path.replace(version, '').replace(/\{\w+\}/g, '5f65bf99-4275-4c4c-af24-7aa10c49a601');
      const { status, text } = await clients[vendor](method, requestPath, method === 'GET' ? undefined : {});
      expect(`${id}: ${status} ${text}`).not.toMatch(/: 5\d\d /);
      expect(text, id).not.toBe(unknown.text);
    }
    expect(problems).toEqual([]);
  },
);
