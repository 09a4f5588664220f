import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localRunStore, type RunStore } from '@gpu-clouds/jobs';
import { encryptionCodec } from '@gpu-clouds/jobs/codec';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientOfRuns } from '../test/fake-temporal.ts';
import { openApiDocument } from './api.ts';
import { createApp } from './app.ts';
import type { AppOptions } from './options.ts';
import { addToken, newToken } from './tokens.ts';

const adminToken = newToken();
const temporalUi = 'http://localhost:8233';
let folder: string;
let runs: RunStore;
const codec = encryptionCodec([{ id: 'one', key: new Uint8Array(32) }]);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gpu-clouds-server-'));
  runs = localRunStore(join(folder, 'runs'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Returns a function that requests from an application whose Temporal never answers. */
function app(options: Partial<AppOptions> = {}) {
  const client = new Client({
    connection: Connection.lazy({ address: '127.0.0.1:1' }),
    dataConverter: { payloadCodecs: [codec] },
  });
  const offers = async () => ({ offers: [], notes: ['verda did not answer.'] });
  const all: AppOptions = {
    client,
    fleet: 'test',
    runs,
    offers,
    adminToken,
    dashboard: folder,
    temporalUi,
    ...options,
  };
  const created = createApp(all);
  return async (path: string, token: string | undefined = adminToken, init: RequestInit = {}) => {
    const headers = { host: '127.0.0.1:8300', ...Object.fromEntries(new Headers(init.headers)) };
    const authorization = token === '' ? {} : { authorization: `Bearer ${token}` };
    return created.request(path, { ...init, headers: { ...authorization, ...headers } });
  };
}

const post = { method: 'POST' };

it('the server answers a request with the generated token', async () => {
  const answer = await app()('/api/access');
  expect([answer.status, await answer.json()]).toEqual([
    200,
    { fleet: 'test', name: 'admin', scope: 'admin', temporalUrl: `${temporalUi}/namespaces/default/workflows/` },
  ]);
});

it.each(['', 'wrong', 'gpuc_'])('the server refuses the token %j with a sentence', async (token) => {
  const answer = await app()('/api/access', token);
  expect([answer.status, await answer.json()]).toEqual([
    401,
    { message: expect.stringContaining('gpu-clouds dashboard') },
  ]);
});

it('after twenty wrong tokens an address has to wait, and a right token still works', async () => {
  const request = app();
  for (let count = 0; count < 20; count += 1) expect((await request('/api/access', 'wrong')).status).toBe(401);
  const refused = await request('/api/access', 'wrong');
  expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.closeTo(60, -1)]);
  expect((await request('/api/access')).status).toBe(200);
});

it('a token may make only so many requests within a minute, and another token is not refused because of them', async () => {
  const request = app({ requestsPerMinute: 2 });
  const other = await addToken(runs, 'admin', 'read');
  const answers = [await request('/api/access'), await request('/api/access'), await request('/api/access')];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(await answers[2]?.json()).toEqual({ message: expect.stringMatching(/Try again in \d+ s\./) });
  expect((await request('/api/access', other)).status).toBe(200);
});

it.each([
  ['without a token', '/openapi.json', ''],
  ['with a wrong token', '/api/access', 'wrong'],
])('requests %s are limited for each address, and never keep a valid token from it', async (_, path, token) => {
  const request = app({ requestsPerMinute: 2 });
  const own = await addToken(runs, 'ada', 'run');
  for (let count = 0; count < 2; count += 1) await request(path, token);
  expect((await request(path, token)).status).toBe(429);
  expect((await request('/', '')).status).toBe(429);
  for (const valid of [adminToken, own]) expect((await request('/api/access', valid)).status).toBe(200);
});

it.each(['evil.example', 'evil.example:8300', '127.0.0.1.evil.example', ''])(
  'a request for the host %j is refused, because a page of another site could have made it (DNS rebinding)',
  async (host) => {
    expect((await app()('/api/access', adminToken, { headers: { host } })).status).toBe(403);
    expect((await app()('/', '', { headers: { host } })).status).toBe(403);
  },
);

it.each(['localhost:8300', '[::1]:8300', '127.0.0.1', 'GPUS.example.com'])(
  'a request for the host %j is answered',
  async (host) => {
    expect((await app({ hosts: ['gpus.example.com'] })('/api/access', adminToken, { headers: { host } })).status).toBe(
      200,
    );
  },
);

it('a token with the scope "read" reads, and neither stops a run nor releases a lease', async () => {
  const [request, token] = [app(), await addToken(runs, 'screen', 'read')];
  expect((await request('/api/offers', token)).status).toBe(200);
  for (const path of ['/api/runs/a/stop', '/api/runs/a/cancel', '/api/leases/a/release'])
    expect((await request(path, token, post)).status).toBe(403);
});

it('a token with the scope "run" sees nothing but runs and offers', async () => {
  const [request, token] = [app(), await addToken(runs, 'ada', 'run')];
  expect((await request('/api/access', token)).status).toBe(200);
  expect((await request('/api/offers', token)).status).toBe(200);
  const others = ['cost', 'budget', 'reaper', 'leases', 'instances', 'batches', 'runsx'];
  for (const path of others) expect([path, (await request(`/api/${path}`, token)).status]).toEqual([path, 403]);
  expect((await request('/codec/decode', token, post)).status).toBe(403);
});

it('every answer forbids foreign scripts, frames, and other sites', async () => {
  for (const path of ['/api/access', '/', '/codec/decode']) {
    const { headers } = await app()(path, adminToken, { headers: { origin: 'http://evil.example' } });
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect([null, temporalUi]).toContain(headers.get('access-control-allow-origin'));
  }
  expect((await app()('/api/access')).headers.get('cache-control')).toBe('no-store');
});

it("the codec decrypts for Temporal's web interface, which sends the token in the path", async () => {
  const [encrypted] = await codec.encode([
    { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"hello"') },
  ]);
  const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');
  const metadata = Object.fromEntries(
    Object.entries(encrypted?.metadata ?? {}).map(([key, value]) => [key, base64(value)]),
  );
  const body = JSON.stringify({ payloads: [{ metadata, data: base64(encrypted?.data) }] });
  const init = { ...post, body, headers: { 'content-type': 'application/json', origin: temporalUi } };
  for (const [path, token] of [
    ['/codec/decode', adminToken],
    [`/codec/${adminToken}/decode`, ''],
  ]) {
    const answer = await app()(path ?? '', token, init);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { payloads: [{ metadata: { encoding: btoa('json/plain') }, data: btoa('"hello"') }] },
    ]);
    expect(answer.headers.get('access-control-allow-origin')).toBe(temporalUi);
  }
  expect((await app()('/codec/wrong/decode', '', init)).status).toBe(401);
});

it("only Temporal's web interface may ask the browser for the codec", async () => {
  const asking = { method: 'OPTIONS', headers: { origin: temporalUi, 'access-control-request-method': 'POST' } };
  const allowed = await app()(`/codec/${adminToken}/decode`, '', asking);
  expect(allowed.headers.get('access-control-allow-origin')).toBe(temporalUi);
  const request = app({ temporalUi: undefined });
  const refused = await request(`/codec/${adminToken}/decode`, '', asking);
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
});

it.each([
  ['/codec/decode', 9 * 1024 * 1024, 'The body is larger than 8192 KiB.'],
  ['/api/runs/a/stop', 70_000, 'The body is larger than 64 KiB.'],
])('a body for %s that is too large is refused with a sentence before it is read', async (path, size, message) => {
  const init = { ...post, body: 'x'.repeat(size), headers: { 'content-type': 'application/json' } };
  const answer = await app()(path, adminToken, init);
  expect([answer.status, await answer.json()]).toEqual([413, { message }]);
});

it.each([{ 'content-type': 'text/plain' }, {}])(
  'a body for the codec with the headers %j is refused with a sentence',
  async (headers) => {
    const answer = await app()('/codec/decode', adminToken, { ...post, body: Buffer.from('{"payloads":[]}'), headers });
    const message = 'Send the body as JSON, with the header "Content-Type: application/json".';
    expect([answer.status, await answer.json()]).toEqual([415, { message }]);
  },
);

it('the OpenAPI document has the refusals of bodies', () => {
  const { paths } = openApiDocument();
  const refusals = (path: string) =>
    Object.keys(paths?.[path]?.post?.responses ?? {}).filter((status) => ['413', '415'].includes(status));
  for (const path of ['/codec/decode', '/codec/{token}/decode']) expect(refusals(path)).toEqual(['413', '415']);
  for (const path of ['/api/runs/{id}/stop', '/api/runs/{id}/cancel', '/api/leases/{id}/release'])
    expect(refusals(path)).toEqual(['413']);
});

it('an artifact whose name is too long for the disk is not found', async () => {
  const request = app({ client: clientOfRuns('test', { tags: { owner: 'ada' } }) });
  const token = await addToken(runs, 'ada', 'run');
  await mkdir(join(folder, 'runs', 'a', 'outputs'), { recursive: true });
  const answer = await request(`/api/runs/a/artifact?path=${'x'.repeat(300)}`, token);
  expect([answer.status, await answer.text()]).toEqual([404, expect.not.stringContaining(folder)]);
});

it('a run store that fails is answered with 503 and logged, and the answer has no path of the disk', async () => {
  const lines: string[] = [];
  const request = app({ client: clientOfRuns('test'), log: (line) => lines.push(line) });
  await mkdir(join(folder, 'runs', 'a', 'outputs'), { recursive: true });
  await symlink('loop', join(folder, 'runs', 'a', 'outputs', 'loop'));
  const answer = await request('/api/runs/a/artifact?path=loop');
  expect([answer.status, await answer.text()]).toEqual([503, expect.not.stringContaining(folder)]);
  expect(lines.join('')).toContain(join(folder, 'runs', 'a'));
});

it.each([
  ['/api/offers?limit=0', 'limit'],
  ['/api/offers?vendor=nobody', 'vendor'],
  ['/api/runs?since=yesterday', 'since'],
  ['/api/runs?tag=team', 'The tag "team" must be key=value.'],
  ['/api/cost?by=moon', 'by'],
])('%s is refused with the name of the parameter', async (path, message) => {
  const answer = await app()(path);
  expect([answer.status, await answer.json()]).toEqual([400, { message: expect.stringContaining(message) }]);
});

it('an unknown address of the API is not found, and every other address is the page', async () => {
  await writeFile(join(folder, 'index.html'), 'the page');
  expect((await app()('/api/nothing')).status).toBe(404);
  for (const path of ['/', '/runs/a', '/../../etc/passwd'])
    expect(await (await app()(path, '')).text()).toBe('the page');
});

it('requests within 15 seconds share the offers, so that they do not use up the rate limits of the clouds', async () => {
  let calls = 0;
  const request = app({
    offers: async () => {
      calls += 1;
      return { offers: [], notes: [] };
    },
  });
  await Promise.all(['', '?gpu=H100', '?vendor=verda'].map((query) => request(`/api/offers${query}`)));
  expect(calls).toBe(1);
});

it('an unexpected error is logged, and its message is not given away', async () => {
  const lines: string[] = [];
  const offers = () => Promise.reject(new Error('a secret'));
  const answer = await app({ offers, log: (line) => lines.push(line) })('/api/offers');
  expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('a secret')]);
  expect(lines.join('')).toContain('a secret');
});
