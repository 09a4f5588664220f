import { describe, expect, it } from 'vitest';
import { openBench, send } from '../../test/api.ts';

const token = (sims: Parameters<typeof send>[0], body: unknown) =>
  send(sims, 'verda', 'POST', '/v1/oauth2/token', JSON.stringify(body), {});

describe('tokens', () => {
  it('Verda issues tokens only for the right client id and secret', async () => {
    const { sims } = await openBench();
    const { VERDA_CLIENT_ID: client_id, VERDA_CLIENT_SECRET: client_secret } = sims.verda.env;
    const granted = await token(sims, { grant_type: 'client_credentials', client_id, client_secret });
    expect(granted.json).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'cloud-api-v1' });
    const refused = await token(sims, { grant_type: 'client_credentials', client_id, client_secret: 'wrong' });
    expect([refused.status, refused.json.code]).toEqual([401, 'unauthorized_request']);
    expect((await token(sims, { grant_type: 'password' })).status).toBe(400);
  });

  it('Verda issues tokens for a form, as OAuth clients send it', async () => {
    const { sims } = await openBench();
    const { VERDA_CLIENT_ID: client_id = '', VERDA_CLIENT_SECRET: client_secret = '' } = sims.verda.env;
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
    expect((await send(sims, 'verda', 'POST', '/v1/oauth2/token', form, {})).status).toBe(200);
  });

  it('Verda access tokens expire after 1 hour, and a refresh token gets a new one', async () => {
    const { sims, clock } = await openBench();
    const { VERDA_CLIENT_ID: client_id, VERDA_CLIENT_SECRET: client_secret } = sims.verda.env;
    const first = (await token(sims, { grant_type: 'client_credentials', client_id, client_secret })).json;
    const balance = (access: string) =>
      send(sims, 'verda', 'GET', '/v1/balance', undefined, { authorization: `Bearer ${access}` });
    expect((await balance(first.access_token)).status).toBe(200);
    await clock.advance(3600);
    expect((await balance(first.access_token)).status).toBe(401);
    const second = (await token(sims, { grant_type: 'refresh_token', refresh_token: first.refresh_token })).json;
    expect((await balance(second.access_token)).status).toBe(200);
    expect((await token(sims, { grant_type: 'refresh_token', refresh_token: 'made up' })).status).toBe(401);
  });

  it('Verda serves its public paths without a token', async () => {
    const { sims } = await openBench();
    const open = [
      '/v1/instance-types',
      '/v1/volume-types',
      '/v1/cluster-types',
      '/v1/container-types',
      '/v1/long-term/periods',
    ];
    for (const path of open) expect((await send(sims, 'verda', 'GET', path, undefined, {})).status).toBe(200);
    expect((await send(sims, 'verda', 'GET', '/v1/instances', undefined, {})).status).toBe(401);
  });
});

describe('rate limits', () => {
  it('Verda rate limits are in the headers, and the 61st request to one path is a 429 with Retry-After', async () => {
    const { verda, clock } = await openBench();
    const first = await verda('GET', '/balance');
    expect(first.headers.get('ratelimit-policy')).toBe('"project";q=500;w=60, "endpoint";q=60;w=60');
    expect(first.headers.get('ratelimit')).toBe('"project";r=499;t=60, "endpoint";r=59;t=60');
    await clock.advance(20);
    for (let i = 1; i < 60; i++) expect((await verda('GET', '/balance')).status).toBe(200);
    const limited = await verda('GET', '/balance');
    expect([limited.status, limited.json.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(limited.headers.get('retry-after')).toBe('40');
    expect((await verda('GET', '/locations')).status).toBe(200);
    await clock.advance(40);
    expect((await verda('GET', '/balance')).status).toBe(200);
  });

  it('Verda allows 120 requests per minute to each list, and 500 per project', async () => {
    const { verda } = await openBench();
    for (let i = 0; i < 120; i++) expect((await verda('GET', '/instances')).status).toBe(200);
    expect((await verda('GET', '/instances')).status).toBe(429);
    for (let i = 0; i < 120; i++) await verda('GET', '/volumes');
    for (let i = 0; i < 259; i++) await verda('GET', `/volumes/${i}`);
    expect((await verda('GET', '/locations')).status).toBe(429);
  });
});

describe('SSH keys', () => {
  it('Verda returns a plain id for a new SSH key, an array for a lookup, and no error for a second delete', async () => {
    const { verda, sims } = await openBench();
    const { publicKey } = await import('../../test/key-pair.ts');
    const made = await verda('POST', '/ssh-keys', { name: 'k', key: publicKey });
    expect(made.status).toBe(201);
    expect(made.text).toMatch(/^[0-9a-f-]{36}$/);
    const found = await verda('GET', `/ssh-keys/${made.text}`);
    expect(found.json).toEqual([expect.objectContaining({ id: made.text, name: 'k', key: publicKey })]);
    expect((await verda('GET', '/sshkeys')).json).toHaveLength(1);
    expect(sims.ledger().left.keys).toBe(1);
    for (let i = 0; i < 2; i++) expect((await verda('DELETE', '/ssh-keys', { keys: [made.text] })).status).toBe(200);
    expect((await verda('DELETE', `/ssh-keys/${made.text}`)).status).toBe(200);
    expect(sims.ledger().left.keys).toBe(0);
  });

  it('Verda rejects an invalid SSH key', async () => {
    const { verda } = await openBench();
    expect((await verda('POST', '/ssh-keys', { name: 'k', key: 'not a key' })).json.code).toBe('invalid_request');
    expect((await verda('POST', '/ssh-keys', { name: 'k' })).status).toBe(400);
  });
});

describe('startup scripts', () => {
  it('Verda pages startup scripts, with the page in headers', async () => {
    const { verda } = await openBench();
    for (let i = 0; i < 12; i++) await verda('POST', '/scripts', { name: `s${i}`, script: '#!/bin/sh' });
    const first = await verda('GET', '/scripts');
    expect(first.json).toHaveLength(10);
    expect(
      Object.fromEntries(['x-page', 'x-page-size', 'x-total-count'].map((name) => [name, first.headers.get(name)])),
    ).toEqual({
      'x-page': '1',
      'x-page-size': '10',
      'x-total-count': '12',
    });
    const last = await verda('GET', '/scripts?page=2&pageSize=10');
    expect(last.json.map(({ name }: { name: string }) => name)).toEqual(['s10', 's11']);
    expect((await verda('GET', '/scripts?pageSize=101')).status).toBe(400);
    const [{ id }] = last.json;
    expect((await verda('GET', `/scripts/${id}`)).json).toHaveLength(1);
    for (let i = 0; i < 2; i++) expect((await verda('DELETE', `/scripts/${id}`)).status).toBe(200);
  });
});
