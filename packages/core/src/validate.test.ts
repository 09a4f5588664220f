import { describe, expect, test } from 'vitest';
import { operations, thingClient } from './__fixtures__/things.ts';
import { ApiError } from './api-error.ts';
import { type AnswerSchemas, type Drift, type ValidateOptions, validatedFetch } from './validate.ts';

const thing = { type: 'object', required: ['id'], properties: { id: { type: 'string' }, token: { type: 'number' } } };
const failure = { type: 'object', required: ['message'] };
const answers: AnswerSchemas = {
  operations: {
    getThing: { 200: { $ref: 'Thing' }, 404: failure, '5XX': failure },
    deleteThing: { 204: null },
    createThing: { 200: { $ref: 'Thing' } },
    getCount: { '2XX': { anyOf: [{ type: 'integer' }, { type: 'null' }] } },
  },
  schemas: { Thing: thing },
};

/** A client whose vendor answers so, and the drift that was told of. */
function watched(answer: () => Response, options: ValidateOptions | 'throw' = {}) {
  const drift: Drift[] = [];
  const told = options === 'throw' ? {} : { onDrift: (each: Drift) => drift.push(each), ...options };
  let sent = 0;
  const send = async () => {
    sent += 1;
    return answer();
  };
  const vendor = { vendor: 'acme', operations, answers };
  const { client } = thingClient([], { fetch: validatedFetch(send, told, vendor) });
  return { client, drift, sent: () => sent };
}

const get = { path: { id: 'a' } };

describe('an answer', () => {
  test('a documented response is passed on without a report', async () => {
    const { client, drift } = watched(() => Response.json({ id: 'a', colour: 'red' }));
    await expect(client.getThing(get)).resolves.toEqual({ id: 'a', colour: 'red' });
    expect(drift).toEqual([]);
  });

  test('a response that differs is reported and passed on', async () => {
    const { client, drift } = watched(() => Response.json({ id: 7 }));
    await expect(client.getThing(get)).resolves.toEqual({ id: 7 });
    expect(drift).toEqual([
      {
        vendor: 'acme',
        operation: 'getThing',
        method: 'GET',
        path: '/things/{id}',
        status: 200,
        issues: [{ kind: 'type', path: '/id', message: 'must be string, is number' }],
      },
    ]);
  });

  test('a response is checked against the operation with the fewest parameters', async () => {
    const { client, drift } = watched(() => Response.json('three'));
    await client.getCount();
    expect(drift).toMatchObject([{ operation: 'getCount' }]);
  });

  test('a response of an unknown operation is passed on', async () => {
    const { client, drift } = watched(() => Response.json([]));
    await client.getStock();
    expect(drift).toMatchObject([{ operation: 'getStock', issues: [{ kind: 'status' }] }]);
  });

  test('an undocumented success status is reported', async () => {
    const { client, drift } = watched(() => Response.json({ id: 'a' }, { status: 203 }));
    await client.getThing(get);
    expect(drift).toMatchObject([{ issues: [{ kind: 'status', message: 'answered 203; the document has 200' }] }]);
  });

  test('an error response is checked against its own schema', async () => {
    const { client, drift } = watched(() => Response.json({ error: 'none' }, { status: 404 }));
    await expect(client.getThing(get)).rejects.toMatchObject({ code: 'not-found' });
    expect(drift).toMatchObject([{ status: 404, issues: [{ kind: 'missing', path: '/message' }] }]);
  });

  test.each(['<html>Bad gateway</html>', ''])("a gateway's error response is not reported: %j", async (body) => {
    const { client, drift } = watched(() => new Response(body, { status: 502 }));
    await expect(client.getThing(get, { maxRetries: 0 })).rejects.toMatchObject({ code: 'server' });
    expect(drift).toEqual([]);
  });

  test('an empty body matches a response without a body, and otherwise counts as null', async () => {
    const { client, drift } = watched(() => new Response(null, { status: 204 }));
    await client.deleteThing(get);
    await client.getCount();
    expect(drift).toEqual([]);
  });

  test('a bare text is checked as a string', async () => {
    const { client, drift } = watched(() => new Response('abc', { headers: { 'Content-Type': 'text/plain' } }));
    await client.getThing(get);
    expect(drift).toMatchObject([{ issues: [{ message: 'must be object, is string' }] }]);
  });

  test('unknownFields reports unknown fields', async () => {
    const { client, drift } = watched(() => Response.json({ id: 'a', colour: 'red' }), { unknownFields: true });
    await client.getThing(get);
    expect(drift).toMatchObject([{ issues: [{ kind: 'unknown-field', path: '/colour' }] }]);
  });
});

describe('without onDrift', () => {
  test('without onDrift, a write that is answered with an undeclared 2xx status and no body resolves', async () => {
    const { client } = watched(() => new Response(null, { status: 204 }), 'throw');
    await expect(client.createThing({ body: { name: 'n' } })).resolves.toBeUndefined();
    await expect(client.getThing(get)).rejects.toMatchObject({ code: 'unreadable', status: 204 });
  });

  test('without onDrift, a read that differs rejects once with a redacted body', async () => {
    const { client, sent } = watched(() => Response.json({ token: 'hunter22' }), 'throw');
    const error: unknown = await client.getThing(get).catch((error: unknown) => error);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: 'unreadable', operation: 'getThing', status: 200, mayHaveTakenEffect: false });
    expect(String(error)).toContain('not as documented: /id is missing and 1 more.');
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter22');
    expect(sent()).toBe(1);
  });

  test('without onDrift, a write that differs rejects with mayHaveTakenEffect', async () => {
    const { client } = watched(() => Response.json({ id: 7, name: 'n' }), 'throw');
    await expect(client.createThing({ body: { name: 'n' } })).rejects.toMatchObject({
      mayHaveTakenEffect: true,
      body: { id: 7, name: 'n' },
    });
  });
});

test('validatedFetch looks up the global fetch for each call', async () => {
  const before = globalThis.fetch;
  const vendor = { vendor: 'acme', operations, answers };
  const { client } = thingClient([], { fetch: validatedFetch(undefined, {}, vendor) });
  try {
    globalThis.fetch = async () => Response.json({ id: 'stubbed' });
    await expect(client.getThing(get)).resolves.toEqual({ id: 'stubbed' });
  } finally {
    globalThis.fetch = before;
  }
});
