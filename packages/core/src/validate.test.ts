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
  test('as documented is passed on, and nothing is told', async () => {
    const { client, drift } = watched(() => Response.json({ id: 'a', colour: 'red' }));
    await expect(client.getThing(get)).resolves.toEqual({ id: 'a', colour: 'red' });
    expect(drift).toEqual([]);
  });

  test('that drifted is passed on all the same, and told of', async () => {
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

  test('is held against the operation with the fewest parameters', async () => {
    const { client, drift } = watched(() => Response.json('three'));
    await client.getCount();
    expect(drift).toMatchObject([{ operation: 'getCount' }]);
  });

  test('of an operation that is not in the document is passed on', async () => {
    const { client, drift } = watched(() => Response.json([]));
    await client.getStock();
    expect(drift).toMatchObject([{ operation: 'getStock', issues: [{ kind: 'status' }] }]);
  });

  test('with a status that the document does not have is drift when it is a success', async () => {
    const { client, drift } = watched(() => Response.json({ id: 'a' }, { status: 203 }));
    await client.getThing(get);
    expect(drift).toMatchObject([{ issues: [{ kind: 'status', message: 'answered 203; the document has 200' }] }]);
  });

  test('that says no is held against what the document has for that', async () => {
    const { client, drift } = watched(() => Response.json({ error: 'none' }, { status: 404 }));
    await expect(client.getThing(get)).rejects.toMatchObject({ code: 'not-found' });
    expect(drift).toMatchObject([{ status: 404, issues: [{ kind: 'missing', path: '/message' }] }]);
  });

  test.each(['<html>Bad gateway</html>', ''])('of a gateway is none of the vendor: %j', async (body) => {
    const { client, drift } = watched(() => new Response(body, { status: 502 }));
    await expect(client.getThing(get, { maxRetries: 0 })).rejects.toMatchObject({ code: 'server' });
    expect(drift).toEqual([]);
  });

  test('without a body is fine where there should be none, and null where there may be none', async () => {
    const { client, drift } = watched(() => new Response(null, { status: 204 }));
    await client.deleteThing(get);
    await client.getCount();
    expect(drift).toEqual([]);
  });

  test('as bare text is the text', async () => {
    const { client, drift } = watched(() => new Response('abc', { headers: { 'Content-Type': 'text/plain' } }));
    await client.getThing(get);
    expect(drift).toMatchObject([{ issues: [{ message: 'must be object, is string' }] }]);
  });

  test('may be asked to have no unknown fields', async () => {
    const { client, drift } = watched(() => Response.json({ id: 'a', colour: 'red' }), { unknownFields: true });
    await client.getThing(get);
    expect(drift).toMatchObject([{ issues: [{ kind: 'unknown-field', path: '/colour' }] }]);
  });
});

describe('without somebody to tell', () => {
  test('a read that drifted rejects, once, with what is wrong and the answer without its secrets', async () => {
    const { client, sent } = watched(() => Response.json({ token: 'hunter22' }), 'throw');
    const error: unknown = await client.getThing(get).catch((error: unknown) => error);
    expect(ApiError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: 'unreadable', operation: 'getThing', status: 200, mayHaveTakenEffect: false });
    expect(String(error)).toContain('not as documented: /id is missing and 1 more.');
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter22');
    expect(sent()).toBe(1);
  });

  test('a write that drifted rejects with what was made, since it was made', async () => {
    const { client } = watched(() => Response.json({ id: 7, name: 'n' }), 'throw');
    await expect(client.createThing({ body: { name: 'n' } })).rejects.toMatchObject({
      mayHaveTakenEffect: true,
      body: { id: 7, name: 'n' },
    });
  });
});

test('the global fetch is looked up at each call', async () => {
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
