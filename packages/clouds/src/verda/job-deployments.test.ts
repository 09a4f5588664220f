import { describe, expect, it } from 'vitest';
import { hastyClock } from '../../test/hasty-clock.ts';
import { orderFrom } from '../../test/offer.ts';
import { type Replies, recordedVendor } from '../../test/recorded-vendor.ts';
import type { JobDeploymentOrder } from '../cloud.ts';
import { createCloud } from '../create-clouds.ts';

const token = { access_token: 'a', refresh_token: 'r', expires_in: 3_600, token_type: 'Bearer', scope: '' };
const credentials = { VERDA_CLIENT_ID: 'id', VERDA_CLIENT_SECRET: 'secret', VERDA_BASE_URL: 'https://verda.test' };

function setUp(replies: Replies, env: Readonly<Record<string, string>> = { VERDA_INFERENCE_KEY: 'key' }) {
  const vendor = recordedVendor({ 'POST /v1/oauth2/token': { json: token }, ...replies });
  const { jobs } = createCloud('verda', { env: { ...credentials, ...env }, fetch: vendor.fetch, clock: hastyClock });
  if (jobs === undefined) throw new Error('Verda has job deployments');
  return { vendor, jobs };
}

const name = 'gpuc-a-r-0';
const all = '/v1/job-deployments';
const one = `${all}/${name}`;
const endpoint = `https://containers.datacrunch.io/${name}`;
const job = { endpoint, id: 'job-id' };
const unknown = { status: 404, json: { code: 'not_found', message: 'Deployment not found' } };
const order: JobDeploymentOrder = {
  offer: orderFrom('verda', { compute: 'H100', size: 2 }, { gpuCount: 2 }).offer,
  name,
  image: 'me/job:1',
  port: 8000,
  health: '/health',
  env: { TOKEN: 'value' },
  deadlineSeconds: 1800.2,
};

describe('create', () => {
  it('asks for one replica under the name, which ends by itself', async () => {
    const { vendor, jobs } = setUp({ [`POST ${all}`]: { status: 201 } });
    await jobs.create({ ...order, entrypoint: ['python'], args: ['-m', 'job'], registryCredentials: 'mine' });
    expect(vendor.only(`POST ${all}`).body).toEqual({
      name,
      container_registry_settings: { credentials: { name: 'mine' } },
      containers: [
        {
          image: 'me/job:1',
          exposed_port: 8000,
          healthcheck: { enabled: true, port: 8000, path: '/health' },
          entrypoint_overrides: { enabled: true, entrypoint: ['python'], cmd: ['-m', 'job'] },
          env: [{ name: 'TOKEN', value_or_reference_to_secret: 'value', type: 'plain' }],
        },
      ],
      compute: { name: 'H100', size: 2 },
      scaling: { max_replica_count: 1, queue_message_ttl_seconds: 1801, deadline_seconds: 1801 },
    });
  });

  it.each([
    [1, 600],
    [10_000_000, 604_800],
  ])('keeps the deadline of %d s within the vendor’s bounds', async (deadlineSeconds, sent) => {
    const { vendor, jobs } = setUp({ [`POST ${all}`]: { status: 201 } });
    await jobs.create({ ...order, deadlineSeconds });
    expect(vendor.only(`POST ${all}`).body).toMatchObject({ scaling: { deadline_seconds: sent } });
  });

  it.each([
    [{ status: 409, json: { code: 'conflict', message: 'A deployment with this name already exists' } }, 'conflict'],
    [{ status: 402, json: { code: 'insufficient_funds', message: 'Insufficient funds' } }, 'funds'],
    [{ status: 400, json: { code: 'invalid_request', message: 'Invalid compute resource' } }, 'invalid'],
    [{ status: 503, json: { code: 'service_unavailable', message: 'Not enough resources to deploy' } }, 'no-capacity'],
  ])('says of %j that it is %s, and sends it once', async (reply, kind) => {
    const { vendor, jobs } = setUp({ [`POST ${all}`]: reply });
    await expect(jobs.create(order)).rejects.toMatchObject({ kind });
    vendor.only(`POST ${all}`);
  });

  it('says that it may have taken effect when its answer is lost, and does not send it again', async () => {
    let creates = 0;
    const { vendor } = setUp({});
    const broken = async (request: Request) => {
      if (new URL(request.url).pathname !== all) return vendor.fetch(request);
      creates += 1;
      throw new TypeError('fetch failed');
    };
    const { jobs } = createCloud('verda', { env: credentials, fetch: broken, clock: hastyClock });
    await expect(jobs?.create(order)).rejects.toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: true });
    expect(creates).toBe(1);
  });

  it('says so of an answer that nobody understands too', async () => {
    const { jobs } = setUp({ [`POST ${all}`]: { status: 201, text: '<html>created</html>' } });
    await expect(jobs.create(order)).rejects.toMatchObject({ mayHaveTakenEffect: true });
  });
});

describe('get', () => {
  it.each([
    ['ready', 'ready'],
    ['running', 'ready'],
    ['initializing', 'preparing'],
    ['paused', 'preparing'],
    ['terminating', 'deleting'],
    ['a word of next year', 'preparing'],
  ])('takes the status %s for %s', async (status, expected) => {
    const { jobs } = setUp({
      [`GET ${one}`]: { json: { name, endpoint_base_url: endpoint } },
      [`GET ${one}/status`]: { json: { status } },
    });
    expect(await jobs.get(name)).toEqual({ name, status: expected, vendorStatus: status, endpoint });
  });

  it('knows nothing of what the vendor does not know, or no longer knows a moment later', async () => {
    expect(await setUp({ [`GET ${one}`]: unknown }).jobs.get(name)).toBeUndefined();
    const going = setUp({ [`GET ${one}`]: { json: { endpoint_base_url: endpoint } }, [`GET ${one}/status`]: unknown });
    expect(await going.jobs.get(name)).toBeUndefined();
  });

  it.each([{}, { error: 'x' }, { name: 'another', endpoint_base_url: endpoint }])(
    'takes %j neither for a job deployment nor for the absence of one',
    async (answer) => {
      const { jobs } = setUp({ [`GET ${one}`]: { json: answer }, [`GET ${one}/status`]: { json: {} } });
      await expect(jobs.get(name)).rejects.toMatchObject({ kind: 'unavailable' });
    },
  );

  it('shows a job deployment without a status as preparing', async () => {
    const { jobs } = setUp({
      [`GET ${one}`]: { json: { name, endpoint_base_url: endpoint } },
      [`GET ${one}/status`]: { json: {} },
    });
    expect(await jobs.get(name)).toMatchObject({ status: 'preparing', vendorStatus: 'unknown' });
  });

  it.each([
    [500, 'unavailable'],
    [401, 'unauthorized'],
  ])('takes %d for no word on whether it is there', async (status, kind) => {
    const { jobs } = setUp({ [`GET ${one}`]: { status, json: { code: 'x', message: 'y' } } });
    await expect(jobs.get(name)).rejects.toMatchObject({ kind });
  });
});

describe('delete', () => {
  it('does not wait for the end, which the list will show', async () => {
    const queries: string[] = [];
    const { vendor } = setUp({ [`DELETE ${one}`]: { status: 200 } });
    const listening = async (request: Request) => {
      if (request.method === 'DELETE') queries.push(new URL(request.url).search);
      return vendor.fetch(request);
    };
    await createCloud('verda', { env: credentials, fetch: listening, clock: hastyClock }).jobs?.delete(name);
    expect(queries).toEqual(['?timeout=0']);
  });

  it('has succeeded when there is nothing to delete, and not when the vendor fails', async () => {
    await setUp({ [`DELETE ${one}`]: unknown }).jobs.delete(name);
    const failing = setUp({ [`DELETE ${one}`]: { status: 500, json: { code: 'server_error', message: 'no' } } });
    await expect(failing.jobs.delete(name)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('is asked again after a failure, since it may be', async () => {
    const { vendor, jobs } = setUp({ [`DELETE ${one}`]: [{ status: 503, text: 'busy' }, { status: 200 }] });
    await jobs.delete(name);
    expect(vendor.sent.filter(({ method }) => method === 'DELETE').length).toBe(2);
  });
});

describe('submit', () => {
  const path = '/job?duration=5';
  const place = `POST /${name}/job`;

  it('posts the payload where the deployment takes jobs, with the key, and wants the answer kept', async () => {
    const { vendor, jobs } = setUp({ [place]: { status: 202, json: { Id: 'job-id' } } });
    expect(await jobs.submit(endpoint, { path, payload: { n: 1 } })).toEqual({ id: 'job-id' });
    const { headers, body } = vendor.only(place);
    expect(body).toEqual({ n: 1 });
    expect([headers.get('authorization'), headers.get('prefer')]).toEqual(['Bearer key', 'respond-async']);
  });

  it.each([
    ['a server that failed', { status: 500, text: 'oops' }, true],
    ['an answer without an id', { status: 202, json: {} }, true],
    ['an empty id', { status: 202, json: { Id: '' } }, true],
    ['a page', { status: 200, text: '<html></html>' }, true],
    ['a limit', { status: 429, text: 'slow down' }, false],
    ['a host that does not know it yet', unknown, false],
  ])('says whether the job may have been taken: %s', async (_, reply, mayHaveTakenEffect) => {
    const { vendor, jobs } = setUp({ [place]: reply });
    await expect(jobs.submit(endpoint, { path, payload: {} })).rejects.toMatchObject({ mayHaveTakenEffect });
    if (mayHaveTakenEffect) vendor.only(place);
  });

  it.each([
    `http://containers.datacrunch.io/${name}`,
    `https://elsewhere.test/${name}`,
    `https://containers.datacrunch.io.elsewhere.test/${name}`,
    'nonsense',
  ])('submit sends the inference key nowhere if the vendor names the endpoint %s', async (elsewhere) => {
    const { vendor, jobs } = setUp({});
    await expect(jobs.submit(elsewhere, { path, payload: {} })).rejects.toMatchObject({
      kind: 'invalid',
      mayHaveTakenEffect: false,
      message: expect.stringContaining('The inference key is sent to https://containers.datacrunch.io only.'),
    });
    expect(vendor.sent).toEqual([]);
  });

  it('without a key nothing is offered or sent, and it says which variable to set', async () => {
    const { vendor, jobs } = setUp({}, {});
    const refusal = {
      kind: 'unauthorized',
      mayHaveTakenEffect: false,
      message: expect.stringContaining('VERDA_INFERENCE_KEY'),
    };
    await expect(jobs.listOffers()).rejects.toMatchObject(refusal);
    await expect(jobs.submit(endpoint, { path, payload: {} })).rejects.toMatchObject(refusal);
    expect(vendor.sent).toEqual([]);
  });
});

describe('poll', () => {
  const poll = (reply: Replies[string]) => setUp({ [`GET /status/${name}`]: reply }).jobs.poll(job);

  it.each([
    ['Initialized', 'waiting'],
    ['Queue', 'waiting'],
    ['Inference', 'waiting'],
    ['Completed', 'completed'],
    ['Failed', 'failed'],
    ['Cancelled', 'failed'],
    ['DeadlineTimeout', 'failed'],
    ['a word of next year', 'waiting'],
  ])('takes %s for %s', async (Status, expected) => {
    expect(await poll({ json: { Status } })).toBe(expected);
  });

  it('takes no job that the vendor does not know for one that failed', async () => {
    await expect(poll(unknown)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(poll({ json: {} })).rejects.toMatchObject({ kind: 'unavailable', mayHaveTakenEffect: false });
  });
});

describe('result', () => {
  const result = (reply: Replies[string]) => setUp({ [`GET /result/${name}`]: reply }).jobs.result(job);

  it('is the container’s own, as text, for the job that is asked for', async () => {
    const { vendor, jobs } = setUp({ [`GET /result/${name}`]: { text: '{"done":true}' } });
    expect(await jobs.result(job)).toEqual({ succeeded: true, status: 200, body: '{"done":true}' });
    expect(vendor.only(`GET /result/${name}`).headers.get('x-inference-id')).toBe('job-id');
  });

  it.each([
    [
      { status: 422, json: { detail: 'no' } },
      { succeeded: false, status: 422, body: '{"detail":"no"}' },
    ],
    [
      { status: 500, text: 'it broke' },
      { succeeded: false, status: 500, body: 'it broke' },
    ],
    [
      { status: 200, text: '<html>done</html>' },
      { succeeded: true, status: 200, body: '<html>done</html>' },
    ],
    [
      { status: 200, text: '' },
      { succeeded: true, status: 200, body: '' },
    ],
  ])('is one whatever the container says: %j', async (reply, expected) => {
    expect(await result(reply)).toEqual(expected);
  });

  it.each([401, 403, 429, 502, 503, 504])('is none when the host in front of it says %d', async (status) => {
    await expect(result({ status, text: 'upstream' })).rejects.toMatchObject({ status });
  });
});
