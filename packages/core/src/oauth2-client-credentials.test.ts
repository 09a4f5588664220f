import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { brokenConnection, failureOf, json, type Reaction, type Sent, thingClient } from './__fixtures__/things.ts';
import { oauth2ClientCredentials } from './oauth2-client-credentials.ts';

const get = { path: { id: 'a' } };
const credentials = { tokenPath: '/token', clientId: 'id', clientSecret: 'the-client-secret' };
const isToken = ({ url }: Sent) => url.endsWith('/token');

/** A vendor that issues token-1, token-2 … and takes only those that it has not revoked. */
function vendor(reactions: { token?: (grant: string, issued: number) => Reaction | undefined } = {}) {
  const revoked = new Set<string>();
  let issued = 0;
  const made = thingClient(
    (request) => {
      if (isToken(request)) {
        const { grant_type } = JSON.parse(request.body);
        issued += 1;
        const usual = { access_token: `token-${issued}`, refresh_token: `refresh-${issued}`, expires_in: 3600 };
        return reactions.token?.(grant_type, issued) ?? json(usual);
      }
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? '';
      return revoked.has(token) ? json({}, { status: 401 }) : json({ id: token });
    },
    { auth: oauth2ClientCredentials(credentials) },
  );
  const grants = () => made.sent.filter(isToken).map(({ body }) => JSON.parse(body).grant_type);
  return { ...made, revoked, grants };
}

const pass = (clock: ReturnType<typeof vendor>['clock'], milliseconds: number) =>
  new Promise<void>((resolve) => clock.after(milliseconds, resolve));

describe('a token', () => {
  test('concurrent calls share one token request', async () => {
    const { client, grants } = vendor();
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.getThing(get)));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(['token-1']));
    expect(grants()).toEqual(['client_credentials']);
  });

  test('a public operation requests no token', async () => {
    const { client, grants } = vendor();
    await client.getStock();
    expect(grants()).toEqual([]);
  });

  test('a public operation that is answered 401 requests no token', async () => {
    const auth = oauth2ClientCredentials(credentials);
    const { client, sent } = thingClient([json({}, { status: 401 })], { auth });
    await failureOf(client.getStock());
    expect(sent).toHaveLength(1);
  });

  test('a token is renewed by its refresh token a minute before it expires', async () => {
    const { client, clock, grants } = vendor();
    await client.getThing(get);
    await pass(clock, 3_539_000);
    expect(await client.getThing(get)).toEqual({ id: 'token-1' });
    await pass(clock, 1_000);
    expect(await client.getThing(get)).toEqual({ id: 'token-2' });
    expect(grants()).toEqual(['client_credentials', 'refresh_token']);
  });

  test('an invalid refresh token leads to a request with the client credentials', async () => {
    const { client, clock, grants } = vendor({
      token: (grant) => (grant === 'refresh_token' ? json({}, { status: 400 }) : undefined),
    });
    await client.getThing(get);
    await pass(clock, 3_600_000);
    await expect(client.getThing(get)).resolves.toEqual({ id: 'token-3' });
    expect(grants()).toEqual(['client_credentials', 'refresh_token', 'client_credentials']);
  });

  test('a rejected token is replaced once for all calls, without a retry', async () => {
    const { client, revoked, grants, sent } = vendor();
    await client.getThing(get);
    revoked.add('token-1');
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.getThing(get, { maxRetries: 0 })));
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(['token-2']));
    expect(grants()).toHaveLength(2);
    expect(sent.filter((request) => !isToken(request))).toHaveLength(1 + 5 + 5);
  });

  test('a call with an old token uses the token that another call renewed', async () => {
    let refuse: (() => void) | undefined;
    let tokens = 0;
    const fetch = async (request: Request) => {
      if (request.url.endsWith('/token')) return json({ access_token: `token-${++tokens}` });
      if (request.headers.get('authorization') !== 'Bearer token-1') return json({ id: `${tokens}` });
      if (request.url.endsWith('/slow')) await new Promise<void>((resolve) => (refuse = resolve));
      return json({}, { status: 401 });
    };
    const { client } = thingClient([], { fetch, auth: oauth2ClientCredentials(credentials) });
    const slow = client.getThing({ path: { id: 'slow' } });
    expect(await client.getThing(get)).toEqual({ id: '2' });
    refuse?.();
    expect(await slow).toEqual({ id: '2' });
    expect(tokens).toBe(2);
  });

  test('a failed token request keeps mayHaveTakenEffect of an earlier attempt', async () => {
    let attempts = 0;
    const { client } = thingClient(
      (request) => {
        if (!isToken(request)) return ++attempts === 1 ? brokenConnection() : json({}, { status: 401 });
        return attempts === 0 ? json({ access_token: 'token' }) : json({}, { status: 400 });
      },
      { auth: oauth2ClientCredentials(credentials) },
    );
    const error = await failureOf(client.orderThing({ body: { name: 'a' } }));
    expect(error).toMatchObject({ path: '/token', status: 400, mayHaveTakenEffect: true });
  });

  test('a token that is rejected twice is an error', async () => {
    const { client, revoked } = vendor();
    for (const token of ['token-1', 'token-2']) revoked.add(token);
    const error = await failureOf(client.createThing({ body: { name: 'a' } }));
    expect(error).toMatchObject({ code: 'authentication', attempts: 2, mayHaveTakenEffect: false });
  });

  test('a failed token request is retried', async () => {
    const { client } = vendor({ token: (_, issued) => (issued === 1 ? json({}, { status: 503 }) : undefined) });
    await expect(client.getThing(get)).resolves.toEqual({ id: 'token-2' });
  });

  test('a lost token response does not set mayHaveTakenEffect of the call', async () => {
    const { client } = vendor({ token: () => brokenConnection() });
    const error = await failureOf(client.createThing({ body: { name: 'a' } }));
    expect(error).toMatchObject({ code: 'connection', attempts: 3, mayHaveTakenEffect: false });
  });

  test('a rejected token request fails every waiting call, and the next call requests a token again', async () => {
    const body = { code: 'unauthorized_request', message: 'Invalid client id or client secret' };
    const { client, sent } = vendor({ token: (_, issued) => (issued === 1 ? json(body, { status: 401 }) : undefined) });
    const calls = await Promise.all([
      failureOf(client.getThing(get)),
      failureOf(client.createThing({ body: { name: 'a' } })),
    ]);
    for (const error of calls) {
      expect(error).toMatchObject({ code: 'authentication', path: '/token', mayHaveTakenEffect: false });
      expect(error.message).toContain('Invalid client id or client secret. Check the credentials.');
    }
    expect(sent).toHaveLength(1);
    await expect(client.getThing(get)).resolves.toEqual({ id: 'token-2' });
  });

  test('a token response without a token is an error', async () => {
    const { client } = vendor({ token: () => json({ expires_in: 1 }) });
    expect((await failureOf(client.getThing(get))).message).toContain(
      'no credentials (the response has no access_token)',
    );
  });

  test('the deadline of a call ends its wait for a token, not the token request of others', async () => {
    let answer: ((response: Response) => void) | undefined;
    const fetch = (request: Request) =>
      request.url.endsWith('/token')
        ? new Promise<Response>((resolve) => {
            answer = resolve;
          })
        : Promise.resolve(json({ id: 'a' }));
    const { client } = thingClient([], { fetch, auth: oauth2ClientCredentials(credentials) });
    const controller = new AbortController();
    const patient = client.getThing(get);
    const aborted = failureOf(client.getThing(get, { signal: controller.signal }));
    controller.abort();
    expect(await aborted).toMatchObject({ code: 'aborted', attempts: 0 });
    answer?.(json({ access_token: 'token' }));
    await expect(patient).resolves.toEqual({ id: 'a' });
  });

  test('tokens and client secrets appear in no error', async () => {
    const { client } = thingClient(
      (request) =>
        isToken(request)
          ? json({ access_token: 'tok-abcdef', refresh_token: 'ref-abcdef' })
          : json({ message: `tok-abcdef ref-abcdef ${credentials.clientSecret}` }, { status: 400 }),
      { auth: oauth2ClientCredentials(credentials) },
    );
    const error = await failureOf(client.getThing(get));
    expect(inspect(error)).not.toMatch(/abcdef|the-client-secret/);
  });
});
