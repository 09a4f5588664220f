import {
  type ApiPromise,
  accountRateLimiter,
  baseUrl,
  type ClientOptions,
  createClient,
  credential,
  oauth2ClientCredentials,
  type Quirks,
} from '@gpu-clouds/core';
import type { VerdaMethods } from './generated/methods.ts';
import { operations, serverUrl } from './generated/operations.ts';
import { rateLimits } from './rate-limits.ts';

const vendor = 'verda';

/** Options of `createVerda`: credentials and the options of all clients. */
export interface VerdaOptions extends ClientOptions {
  /** OAuth2 client id. Default: the variable `VERDA_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /** OAuth2 client secret. Default: the variable `VERDA_CLIENT_SECRET`. */
  readonly clientSecret?: string | undefined;
}

/** Lookups of one resource that the vendor answers with an array of one. */
const lookups = ['getSshKey', 'getSshKeyLegacy', 'getScript'] as const;
type Lookup = (typeof lookups)[number];

/** Operations that answer the new id, as a JSON string or as plain text, under any media type. */
const creations = ['createInstance', 'createVolume', 'createSshKey', 'createSshKeyLegacy', 'createScript'] as const;

type OfOne<List> = List extends (...args: infer Args) => ApiPromise<readonly (infer Item)[]>
  ? (...args: Args) => ApiPromise<Item>
  : never;

/** Verda's operations as methods. A lookup of one SSH key or script resolves to that one, not to an array. */
export type VerdaClient = {
  [Name in keyof VerdaMethods]: Name extends Lookup ? OfOne<VerdaMethods[Name]> : VerdaMethods[Name];
};

/**
 * Creates a client of the Verda API. The first call obtains an access token, which is renewed before it expires.
 * @throws {ApiError} `missing-credential`, `invalid-option`
 */
export function createVerda(options: VerdaOptions = {}): VerdaClient {
  const { clientId, clientSecret, ...common } = options;
  const from = (option: string, value: string | undefined, variable: string) =>
    credential({ vendor, option, value, variable });
  const id = from('clientId', clientId, 'VERDA_CLIENT_ID');
  const secret = from('clientSecret', clientSecret, 'VERDA_CLIENT_SECRET');
  const url = baseUrl({ vendor, value: options.baseUrl, variable: 'VERDA_BASE_URL', fallback: serverUrl });
  const account = { vendor, baseUrl: url, credential: id, clock: options.clock };
  const { path: tokenPath } = operations.getAccessToken;
  return createClient<VerdaClient>({
    ...common,
    vendor,
    operations,
    quirks,
    baseUrl: url,
    rateLimiter: options.rateLimiter ?? accountRateLimiter(account, rateLimits),
    auth: oauth2ClientCredentials({ tokenPath, clientId: id, clientSecret: secret }),
  });
}

const quirks: Quirks = {
  readers: {
    ...Object.fromEntries(creations.map((name) => [name, readNewId])),
    ...Object.fromEntries(lookups.map((name) => [name, readFirst])),
    // Only a clone has an answer.
    performVolumeAction: (text) => (text.trim() === '' ? null : JSON.parse(text)),
  },
  failureOf: (answer, operation) =>
    answer === undefined && lookups.some((name) => name === operation)
      ? { code: 'not-found', reason: 'nothing has this id' }
      : undefined,
  // Clusters have no other action.
  endsBilling: (operation, body) =>
    operation === 'performClusterActions' ||
    /^(delete|discontinue)/.test(String((body as { readonly action?: unknown } | undefined)?.action)),
  refused: (status, body) => status === 503 && /not enough resources/i.test(body),
};

function readNewId(text: string): string {
  const id = text.trim().replace(/^"(.*)"$/, '$1');
  if (/^[\w-]+$/.test(id)) return id;
  // The vendor has not sent an object so far. Reading it costs nothing; losing the id would lose the instance.
  const { id: named } = JSON.parse(text) as { id?: unknown };
  if (typeof named === 'string') return named;
  throw new Error('a body without an id');
}

function readFirst(text: string): unknown {
  const answer: unknown = JSON.parse(text);
  return Array.isArray(answer) ? answer[0] : answer;
}
