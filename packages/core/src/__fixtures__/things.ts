import { ApiError } from '../api-error.ts';
import type { Authentication } from '../authentication.ts';
import { bearerAuth } from '../authentication.ts';
import type { ClientDefinition } from '../client-definition.ts';
import { createClient } from '../create-client.ts';
import type { Method, PagedMethod } from '../method.ts';
import type { OperationTable } from '../operation.ts';
import { createRawClient } from '../raw-client.ts';
import { jumpingClock } from './jumping-clock.ts';

export interface Thing {
  id: string;
}

interface Answers<Body> {
  responses: { 200: { headers: { [name: string]: unknown }; content: { 'application/json': Body } } };
}
interface ById {
  parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
  requestBody?: never;
}
interface Listing<Query> {
  parameters: { query?: Query; header?: never; path?: never; cookie?: never };
  requestBody?: never;
}
interface Writing<Body> {
  parameters: { query?: never; header?: { 'Idempotency-Key'?: string }; path?: never; cookie?: never };
  requestBody: { content: { 'application/json': Body } };
}

export interface ThingOperations {
  getThing: ById & Answers<Thing>;
  deleteThing: ById & Answers<undefined>;
  listThings: Listing<{ cursor?: string; limit?: number }> & Answers<{ data: Thing[]; next?: string | null }>;
  listNumbered: Listing<{ page?: number; size?: number }> & Answers<Thing[]>;
  createThing: Writing<{ name: string; password?: string }> & Answers<Thing>;
  orderThing: Writing<{ name: string }> & Answers<Thing>;
  submitThing: Writing<{ name?: string | undefined; spot?: boolean; ports?: number[] }> & Answers<Thing>;
  getStock: Listing<{ gpu?: string }> & Answers<Thing[]>;
  getCount: Listing<never> & Answers<number>;
}

export interface ThingMethods {
  getThing: Method<ThingOperations['getThing']>;
  deleteThing: Method<ThingOperations['deleteThing']>;
  listThings: PagedMethod<ThingOperations['listThings'], 'data'>;
  listNumbered: PagedMethod<ThingOperations['listNumbered']>;
  createThing: Method<ThingOperations['createThing']>;
  orderThing: Method<ThingOperations['orderThing']>;
  submitThing: Method<ThingOperations['submitThing']>;
  getStock: Method<ThingOperations['getStock']>;
  getCount: Method<ThingOperations['getCount']>;
}

export interface ThingPaths {
  '/things/{id}': { get: ThingOperations['getThing']; delete: ThingOperations['deleteThing'] };
  '/things': { get: ThingOperations['listThings']; post: ThingOperations['createThing'] };
  '/forms': { post: ThingOperations['submitThing'] };
  '/stock': { get: ThingOperations['getStock'] };
}

const security = ['bearer'];

export const operations = {
  getThing: { method: 'GET', path: '/things/{id}', security, repeatable: true },
  deleteThing: { method: 'DELETE', path: '/things/{id}', security, repeatable: true },
  listThings: {
    method: 'GET',
    path: '/things',
    security,
    repeatable: true,
    pages: { style: 'cursor', cursor: 'cursor', next: 'next', items: 'data' },
  },
  listNumbered: {
    method: 'GET',
    path: '/numbered',
    security,
    repeatable: true,
    pages: { style: 'page', page: 'page', size: 'size', total: 'X-Total' },
  },
  createThing: { method: 'POST', path: '/things', body: 'application/json', security, repeatable: false },
  orderThing: {
    method: 'POST',
    path: '/orders',
    body: 'application/json',
    security,
    repeatable: false,
    idempotencyKey: true,
  },
  submitThing: {
    method: 'POST',
    path: '/forms',
    body: 'application/x-www-form-urlencoded',
    security,
    repeatable: false,
  },
  getStock: { method: 'GET', path: '/stock', security: [], repeatable: true },
  getCount: { method: 'GET', path: '/things/count', security, repeatable: true },
} as const satisfies OperationTable;

/** What the vendor does with a request: it answers, its connection breaks, or it never answers. */
export type Reaction = Response | Error | 'silence';

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly redirect: string;
  readonly body: string;
}

/** Creates a client of a vendor with one scripted reaction per request (the last one repeats), and records what is sent. */
export function thingClient(
  reactions: Reaction[] | ((sent: Sent) => Reaction),
  options: Partial<ClientDefinition> = {},
) {
  const sent: Sent[] = [];
  const clock = jumpingClock();
  const auth: Authentication = bearerAuth('secret-token');
  const client = createClient<ThingMethods>({
    vendor: 'acme',
    baseUrl: 'https://api.acme.test',
    operations,
    auth,
    clock,
    async fetch(request) {
      const { method, url, headers, redirect } = request;
      const record = { method, url, headers, redirect, body: await request.text() };
      sent.push(record);
      const reaction = Array.isArray(reactions)
        ? reactions[Math.min(sent.length, reactions.length) - 1]
        : reactions(record);
      if (reaction instanceof Error) throw reaction;
      if (reaction instanceof Response) return reaction.clone();
      return new Promise(() => {});
    },
    ...options,
  });
  return { client, raw: createRawClient<ThingPaths>(client), sent, clock };
}

export const json = (body: unknown, init?: ResponseInit) => Response.json(body, init);

/** Returns what Node's fetch throws when the connection breaks. */
export const brokenConnection = () =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }) });

/** Returns the error that a call is expected to end with. */
export async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  const outcome = await call.then(
    (data) => ({ data }),
    (error: unknown) => error,
  );
  if (ApiError.isInstance(outcome)) return outcome;
  throw new Error(`expected an ApiError, got ${JSON.stringify(outcome)} ${String(outcome)}`);
}
