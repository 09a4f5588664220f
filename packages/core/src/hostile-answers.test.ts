import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { json, thingClient } from './__fixtures__/things.ts';
import { ApiError } from './api-error.ts';
import type { CallOptions } from './call-options.ts';
import { oauth2ClientCredentials } from './oauth2-client-credentials.ts';
import type { Quirks } from './quirks.ts';

const credential = 'sk-live-4f9a1c77e2';
const password = 'correct horse "battery"';
const token = 'eyJhbGciOi.JIUzI1NiJ9';
const secrets = [credential, password, token];
/** No piece of a secret of this length may be seen. */
const piece = 12;

const auth = () => oauth2ClientCredentials({ tokenPath: '/token', clientId: 'id', clientSecret: credential });

/** Reads as hastily as a vendor's own quirks may. */
const hastyQuirks: Quirks = {
  readers: { orderThing: (text) => (JSON.parse(text) as { order: { id: string } }).order.id.trim() },
  failureOf: (answer) => ((answer as { ok: boolean }).ok === false ? { message: 'no' } : undefined),
};

const withSecrets = fc.constantFrom(...secrets, `Bearer ${token}`, `client_secret=${credential}`);
const text = fc.oneof(
  fc.string(),
  withSecrets,
  fc.string().map((around) => `${around}${password}${around}`),
);
const hostileJson = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom('message', 'error', 'code', 'detail', 'password', 'request_id', '__proto__', 'ok'),
    text,
  ),
  fc.constantFrom<unknown>({ error: { error: { error: null } } }, { ok: false }, [], [null], { order: null }),
);
const truncated = fc
  .tuple(hostileJson, fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([value, share]) => JSON.stringify(value).slice(0, Math.floor(share * JSON.stringify(value).length)));
const bodies = fc.oneof(
  hostileJson.map((value) => JSON.stringify(value)),
  truncated,
  text,
  text.map((said) => `<html>${said}</html>`),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => new TextDecoder().decode(bytes)),
  fc.constantFrom(
    '',
    'null',
    '[',
    '{"a":',
    '"',
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
    `${'{"error":'.repeat(5000)}1`,
  ),
);
const headers = fc.dictionary(
  fc.constantFrom('content-type', 'retry-after', 'retry-after-ms', 'x-request-id', 'ratelimit', 'location', 'x-total'),
  fc.oneof(
    fc.constantFrom('application/json', 'text/html', '-1', '1e9', 'NaN', 'Sat, 99 Nov', '"a";r=0;t=99', ...secrets),
    fc.string({ unit: 'grapheme-ascii' }).map((value) => value.replace(/[^\x20-\x7e]/g, '').trim()),
  ),
);
const statuses = fc.oneof(
  fc.constantFrom(200, 201, 202, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503),
  fc.integer({ min: 200, max: 599 }),
);
const answers = fc.record({ status: statuses, headers, body: bodies });
type Answer = typeof answers extends fc.Arbitrary<infer Value> ? Value : never;

const responseOf = ({ status, headers, body }: Answer) =>
  new Response([204, 205, 304].includes(status) ? null : body, { status, headers });

/** Everything that someone who logs an error could write down. */
const shown = (error: unknown) =>
  `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${(error as Error).stack}`;

function expectNoSecret(all: string, known = secrets): void {
  for (const secret of known) {
    for (const spelt of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      expect(all).not.toContain(spelt.slice(0, piece));
    }
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) >= 20) break;
  return found;
}

async function outcome(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('hostile responses', () => {
  test.each(['getThing', 'createThing', 'orderThing', 'listThings', 'raw'] as const)(
    '%s resolves or rejects with a well-typed ApiError without secrets, whatever a vendor answers',
    async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.array(answers, { minLength: 1, maxLength: 3 }), async (given) => {
          let next = 0;
          const { client, raw } = thingClient(
            ({ url }) =>
              url.endsWith('/token')
                ? json({ access_token: token })
                : responseOf(given[Math.min(next++, given.length - 1)] as Answer),
            { auth: auth(), quirks: hastyQuirks },
          );
          const options: CallOptions = { deadlineMs: 600_000 };
          const body = { name: 'a', password };
          const error = await outcome(
            {
              getThing: async () => client.getThing({ path: { id: 'a' } }, options),
              createThing: async () => client.createThing({ body }, options),
              orderThing: async () => client.orderThing({ body }, options),
              listThings: async () => all(client.listThings.items({}, options)),
              raw: async () => raw.POST('/things', { body }),
            }[name],
          );
          if (error === undefined) return;
          expect(ApiError.isInstance(error)).toBe(true);
          // The password is known as one only to the calls that send it.
          expectNoSecret(shown(error), /get|list/.test(name) ? [credential, token] : secrets);
          expectToFit(error as ApiError);
        }),
        { numRuns: 150 },
      );
    },
  );

  test.each([
    [200, { code: 'unreadable', mayHaveTakenEffect: true }, 14],
    [400, { code: 'invalid', mayHaveTakenEffect: false }, 3],
  ])(
    'a call that is answered %i with a body without end fails, and reads no further',
    async (status, failure, most) => {
      const piece = new Uint8Array(1024 * 1024).fill(0x20);
      let pulled = 0;
      const endless = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          if (pulled > 200) controller.close();
          else controller.enqueue(piece);
        },
      });
      const { client } = thingClient(() => new Response(endless, { status }));
      expect(await outcome(() => client.createThing({ body: { name: 'a' } }))).toMatchObject(failure);
      expect(pulled).toBeLessThanOrEqual(most);
    },
  );

  const names = (count: number) => Array.from({ length: count }, (_, index) => `{"name${index}":0}`);
  test.each([
    ['objects', Array(1_000_000).fill('{}')],
    ['lists', Array(1_000_000).fill('[]')],
    ['numbers', Array(1_000_000).fill('1')],
    ['names of properties', names(25_000)],
  ])('an answer with too many %s fails instead of filling the memory', async (_what, values) => {
    const { client } = thingClient(() => new Response(`[${values.join(',')}]`));
    const error = await outcome(async () => client.getThing({ path: { id: 'a' } }));
    expect(error).toMatchObject({ code: 'unreadable' });
    expect(String(error)).toContain('more values than a list of ten thousand rows has');
  });

  test.each([
    ['a list of ten thousand instances', instanceRows(10_000)],
    ['a text with a million commas and braces', { id: String.raw`{,\"`.repeat(1_000_000) }],
  ])('%s is read', async (_what, body) => {
    const { client } = thingClient(() => new Response(JSON.stringify(body)));
    await expect(client.getThing({ path: { id: 'a' } })).resolves.toEqual(body);
  });

  test('a hostile token endpoint causes an ApiError without secrets', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const { client } = thingClient(({ url }) => (url.endsWith('/token') ? responseOf(given) : json({ id: 'a' })), {
          auth: auth(),
        });
        const error = await outcome(async () => client.createThing({ body: { name: 'a', password } }));
        if (error === undefined) return;
        expect(ApiError.isInstance(error)).toBe(true);
        expect(error).toMatchObject({ mayHaveTakenEffect: false });
        // Nothing else was sent there.
        expectNoSecret(shown(error), [credential]);
      }),
      { numRuns: 100 },
    );
  });

  test('a response nested 20,000 levels deep causes an ApiError that can be serialized', async () => {
    const { client } = thingClient([
      new Response(`${'{"error":'.repeat(20_000)}1${'}'.repeat(20_000)}`, { status: 400 }),
    ]);
    const error = await outcome(async () => client.getThing({ path: { id: 'a' } }));
    expect(error).toMatchObject({ code: 'invalid', status: 400 });
    expect(JSON.stringify(error)).toContain('[redacted]');
  });
});

/** What the types of ApiError promise of each code. */
function expectToFit({ code, status }: ApiError): void {
  if (/^(aborted|connection|deadline|invalid-option|missing-credential)$/.test(code)) expect(status).toBeUndefined();
  if (/^(conflict|not-found|funds|permission|vendor-failure|server)$/.test(code)) {
    expect(status).toEqual(expect.any(Number));
  }
}

/** Rows with as many objects, lists, and properties as Verda's, which has the longest ones. */
function instanceRows(count: number): unknown {
  const nested = { description: '1x RTX A6000 48GB', count: 1 };
  const lists = { ssh_keys: ['x'.repeat(36)], volumes: ['x'.repeat(36)], tags: [] };
  const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`field_${index}`, 'x'.repeat(15)]));
  const row = { cpu: nested, gpu: nested, gpu_memory: nested, memory: nested, storage: nested, ...lists, ...fields };
  return Array.from({ length: count }, () => row);
}
