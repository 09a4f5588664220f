import { expect, it } from 'vitest';
import { type Bench, benchVendors, openBench, send } from '../test/api.ts';
import { publicKey } from '../test/key-pair.ts';
import { documentOf, type Operation } from './documents.ts';
import { isInference } from './verda/additions.ts';

/** A request to each operation, by operationId. A function gets the resources that exist. */
type Bodies = Readonly<Record<string, object>>;

interface Resources {
  /** The value of each path parameter. */
  readonly ids: Readonly<Record<string, string>>;
  readonly bodies: Bodies;
  /** Headers of requests to the inference host. */
  readonly inference?: Record<string, string>;
}

const containers = [{ image: 'docker.io/me/job:1', exposed_port: 80 }];
const compute = { name: 'H100', size: 1 };

async function verdaResources({ verda, sims, clock }: Bench): Promise<Resources> {
  const key = { name: 'k', key: publicKey };
  const { text: keyId } = await verda('POST', '/ssh-keys', key);
  const { text: scriptId } = await verda('POST', '/scripts', { name: 's', script: 'true' });
  const where = { location_code: 'FIN-01' };
  const image = { image: 'ubuntu-24.04', hostname: 'h', description: 'd' };
  const order = { instance_type: '1A6000.10V', ...image, ...where, ssh_key_ids: [keyId], tags: [{ key: 'used' }] };
  const { text: instance } = await verda('POST', '/instances', order);
  const disk = { type: 'NVMe_Shared', ...where, size: 60, name: 'data', tags: [{ key: 'used' }] };
  const { text: volume } = await verda('POST', '/volumes', disk);
  const { text: trashed } = await verda('POST', '/volumes', disk);
  await verda('DELETE', `/volumes/${trashed}`);
  const cluster = { cluster_type: '16H200', ...image, location_code: 'FIN-03', tags: [{ key: 'used' }] };
  const shared = { shared_volume: { name: 'shared', size: 1000 } };
  const { json: made } = await verda('POST', '/clusters', { ...cluster, ...shared });
  const { json: seen } = await verda('GET', `/clusters/${made.id}`);
  const replicas = { min_replica_count: 1, max_replica_count: 2, concurrent_requests_per_replica: 1 };
  const policies = { scale_down_policy: { delay_seconds: 1 }, scale_up_policy: { delay_seconds: 1 } };
  const scaling = { ...replicas, ...policies, queue_message_ttl_seconds: 60 };
  const deployment = { name: 'llm', container_registry_settings: { is_private: false }, containers, compute, scaling };
  await verda('POST', '/container-deployments', deployment);
  const jobScaling = { max_replica_count: 1, queue_message_ttl_seconds: 300, deadline_seconds: 3600 };
  const job = { name: 'job', containers, compute, scaling: jobScaling };
  await verda('POST', '/job-deployments', job);
  const { VERDA_INFERENCE_KEY, VERDA_CLIENT_ID: client_id, VERDA_CLIENT_SECRET: client_secret } = sims.verda.env;
  const authorization = { authorization: `Bearer ${VERDA_INFERENCE_KEY}` };
  const submitted = await send(sims, 'verda', 'POST', '/job/job?duration=0', undefined, authorization);
  await clock.advance(30);
  const variable = { name: 'A', type: 'plain', value_or_reference_to_secret: '1' };
  const variables = { container_name: 'llm-0', env: [variable] };
  const secrets = {
    createSecret: { name: 's', value: 'v' },
    createFileSecret: { name: 's', files: [{ file_name: 'a', base64_content: 'YQ==' }] },
    createRegistryCredentials: { name: 's', type: 'dockerhub', username: 'u', access_token: 't' },
  };
  await verda('POST', '/secrets', secrets.createSecret);
  await verda('POST', '/file-secrets', secrets.createFileSecret);
  await verda('POST', '/container-registry-credentials', secrets.createRegistryCredentials);
  return {
    inference: { ...authorization, 'x-inference-id': submitted.json.Id },
    ids: {
      ...{ instance_id: instance, id: instance, volume_id: volume, key: 'used', instance_type: '1A6000.10V' },
      ...{ instanceType: '1A6000.10V', cluster_type: '16H200', clusterId: made.id, nodeId: seen.worker_nodes[0].id },
      ...{
        sshKeyId: keyId,
        scriptId,
        jobName: 'job',
        deployment_name: 'llm',
        deployment: 'job',
        secret_name: 's',
        credentials_name: 's',
      },
      ...{ 'volume:id': volume, 'cluster:id': made.id },
    },
    bodies: {
      getAccessToken: { grant_type: 'client_credentials', client_id, client_secret },
      ...{ createVolume: disk, performVolumeAction: { action: 'rename', id: volume, name: 'other' } },
      ...{ createInstance: order, createCluster: { ...cluster, ...shared } },
      performInstanceAction: { action: 'delete', id: [instance] },
      performInstanceActionLegacy: { action: 'delete', id: instance },
      performClusterActions: { actions: [{ action: 'discontinue', id: made.id }] },
      performClusterNodeAction: { action: 'boot' },
      ...{ createSshKey: key, createSshKeyLegacy: key, deleteSshKeys: { keys: [keyId] } },
      ...{ deleteSshKeysLegacy: { keys: [keyId] }, createScript: { name: 't', script: 'true' } },
      ...{ deleteScripts: { scripts: [scriptId] }, createJobDeployment: { ...job, name: 'other' } },
      ...{ createContainerDeployment: { ...deployment, name: 'other' }, updateContainerDeployment: { is_spot: true } },
      ...{ addContainerDeploymentEnvironmentVariables: variables, updateContainerDeploymentScaling: replicas },
      updateContainerDeploymentEnvironmentVariables: variables,
      deleteContainerDeploymentEnvironmentVariables: { container_name: 'llm-0', env: ['A'] },
      updateJobDeployment: { compute },
      ...Object.fromEntries(Object.entries(secrets).map(([id, secret]) => [id, { ...secret, name: 'other' }])),
      ...{ addInstanceTag: { key: 'a' }, addVolumeTag: { key: 'a' }, addClusterTag: { key: 'a' } },
    },
  };
}

async function gpuAiResources({ gpuAi, clock }: Bench): Promise<Resources> {
  const order = { gpu_type: 'l40s', gpu_count: 1, tier: 'on_demand' };
  const { json } = await gpuAi('POST', '/instances', order);
  const key = { name: 'k', public_key: publicKey };
  const { json: keyMade } = await gpuAi('POST', '/ssh-keys', key);
  const webhook = { url: 'http://localhost/hook', event_types: ['instance.running'] };
  const { json: hook } = await gpuAi('POST', '/webhook-endpoints', webhook);
  await clock.advance(10);
  return {
    ids: {
      'instance:id': json.resource_id,
      'operation:id': json.operation_id,
      'key:id': keyMade.id,
      'endpoint:id': hook.id,
    },
    bodies: { createInstance: order, updateInstance: { name: 'n' }, createSshKey: key, createWebhookEndpoint: webhook },
  };
}

async function massedResources({ massed, clock }: Bench): Promise<Resources> {
  const order = { imageId: 16, productName: 'gpu_1x_a6000', regionName: 'any' };
  const { json } = await massed('POST', '/instance/launch', order);
  const { json: made } = await massed('POST', '/ssh-keys', { name: 'k', publicKey });
  await clock.advance(10);
  const batch = { instanceUuids: [json.response] };
  return {
    ids: { uuid: json.response, id: made.sshKey.id, slug: 'install-docker' },
    bodies: {
      ...{ launchInstance: order, restartInstances: batch, terminateInstances: batch },
      ...{ getCoupon: { coupon: 'TestCoupon' }, listCouponProducts: { coupon: 'TestCoupon' } },
      createSshKey: { name: 'k2', publicKey },
    },
  };
}

async function tensorDockResources({ tensorDock, clock }: Bench): Promise<Resources> {
  const { hostnodes } = (await tensorDock('GET', '/client/deploy/hostnodes')).json;
  const [hostnode = ''] = Object.keys(hostnodes);
  const [gpu_model = ''] = Object.keys(hostnodes[hostnode].specs.gpu);
  const size = { gpu_model, gpu_count: '1', vcpus: '2', ram: '4', storage: '20' };
  const order = { ...size, hostnode, name: 'vm', operating_system: 'Ubuntu 22.04 LTS', password: 'p' };
  const { server } = (await tensorDock('POST', '/client/deploy/single', order)).json;
  const { container_id } = (await tensorDock('POST', '/client/container/deploy', { name: 'c', image: 'i' })).json;
  await clock.advance(10);
  const one = { server };
  return {
    ids: { hostnode_uuid: hostnode, container_id },
    bodies: {
      ...{ deployVirtualMachine: order, validateSpotNew: { ...order, price: '9' } },
      ...{ validateSpotExisting: { ...one, price: '9' }, getVirtualMachine: one, startVirtualMachine: one },
      ...{ stopVirtualMachine: one, modifyVirtualMachine: { ...one, vcpus: '3' }, deleteVirtualMachine: one },
      ...{ deployInstantVm: { ...order, instance_uuid: 'x' }, deployContainer: { name: 'c', image: 'i' } },
      ...{ scaleContainer: { container_id, replicas: '2' }, terminateContainer: { container_id } },
    },
  };
}

/** Returns the path of a request: the parameters are those of the resource in the path, or of any. */
function pathOf({ path, id }: Operation, ids: Resources['ids']): string {
  const resource = ['instance', 'operation', 'key', 'endpoint', 'volume', 'cluster'].find((each) =>
    id.toLowerCase().includes(each),
  );
  return path.replace(/\{(\w+)\}/g, (_all, name) => ids[`${resource}:${name}`] ?? ids[name] ?? name);
}

/** Deletes come last, and reads come first. */
function order({ method, id }: Operation): number {
  return /delete|terminate|discontinue|InstanceAction|ClusterActions/i.test(id) ? 2 : method === 'GET' ? 0 : 1;
}

/** Names of hosts in a response that are not this computer. */
function realHostsIn(text: string): readonly string[] {
  const urls = [...text.matchAll(/\w+:\/\/([\w.-]+)/g)].map(([, host = '']) => host);
  const domains = text.match(/[\w.-]*\b(?:verda|datacrunch|tensordock|massedcompute|gpu)\.(?:com|io|ai)\b/g) ?? [];
  const addresses = text.match(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g) ?? [];
  return [...urls, ...domains, ...addresses].filter((host) => !/^(127|10)\.|^localhost$|\.localhost$/.test(host));
}

it.each(benchVendors)('no response of any operation of %s names a real host', async (vendor) => {
  const bench = await openBench();
  const clients = {
    verda: bench.verda,
    'gpu-ai': bench.gpuAi,
    'massed-compute': bench.massed,
    tensordock: bench.tensorDock,
  };
  const prepare = {
    verda: verdaResources,
    'gpu-ai': gpuAiResources,
    'massed-compute': massedResources,
    tensordock: tensorDockResources,
  };
  const { ids, bodies, inference } = await prepare[vendor](bench);
  const operations = [...documentOf(vendor).operations].sort((a, b) => order(a) - order(b));
  for (const operation of operations) {
    const { TENSORDOCK_API_KEY: api_key = '', TENSORDOCK_API_TOKEN: api_token = '' } = bench.sims[vendor].env;
    const query = operation.id === 'listContainerReplicas' ? `?${new URLSearchParams({ api_key, api_token })}` : '';
    const path =
      pathOf(operation, ids)
        .replace(/^\/(v1|api\/v0)/, '')
        .replace('*', 'job') + query;
    const { method } = operation;
    const body = vendor !== 'tensordock' && method === 'GET' ? undefined : { ...bodies[operation.id] };
    const { status, text, json } =
      inference !== undefined && isInference(operation.id)
        ? await send(bench.sims, 'verda', method === 'ALL' ? 'POST' : method, path, undefined, inference)
        : await clients[vendor](method, path, body);
    // The first delete of several takes the resource away.
    if (order(operation) < 2) expect(status, `${operation.id} ${path}: ${text}`).toBeLessThan(300);
    // The prose of the document names the vendor's site.
    const answer = operation.id === 'getOpenApiSpec' ? JSON.stringify(json.servers) : text;
    expect(realHostsIn(answer), `${operation.id} ${status}: ${answer}`).toEqual([]);
  }
});
