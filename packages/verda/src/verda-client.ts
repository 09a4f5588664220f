import {
  type ApiPromise,
  accountRateLimiter,
  baseUrl,
  type Client,
  type ClientOptions,
  createClient,
  credential,
  oauth2ClientCredentials,
  type Quirks,
} from '@gpu-clouds/core';
import type { VerdaMethods } from './generated/methods.ts';
import { operations } from './generated/operations.ts';
import type { paths } from './generated/types.ts';
import { rateLimits } from './rate-limits.ts';

const vendor = 'verda';

/** Options of `createVerda`: its credentials, and what all clients have. */
export interface VerdaOptions extends ClientOptions {
  /** Default: `VERDA_CLIENT_ID`. */
  readonly clientId?: string | undefined;
  /** Default: `VERDA_CLIENT_SECRET`. */
  readonly clientSecret?: string | undefined;
}

/** Operations that answer an array of one where one thing is asked for. */
const lookups = ['getSshKey', 'getSshKeyLegacy', 'getScript'] as const;
type Lookup = (typeof lookups)[number];

/** Operations that answer the new id, as a JSON string or as bare text under whatever media type. */
const creations = ['createInstance', 'createVolume', 'createSshKey', 'createSshKeyLegacy', 'createScript'] as const;

type OfOne<List> = List extends (...args: infer Args) => ApiPromise<readonly (infer Item)[]>
  ? (...args: Args) => ApiPromise<Item>
  : never;

/** The generated methods, except that a lookup of one key or script gives that one. */
export type VerdaClientMethods = {
  [Name in keyof VerdaMethods]: Name extends Lookup ? OfOne<VerdaMethods[Name]> : VerdaMethods[Name];
};

/** Verda's operations as methods, and openapi-fetch's client as `raw`. */
export type VerdaClient = Client<paths, VerdaClientMethods>;

/**
 * Makes a client of the Verda API. It gets an access token with the first call and keeps it fresh.
 * @throws ApiError `missing-credential` or `invalid-option`
 */
export function createVerda(options: VerdaOptions = {}): VerdaClient {
  const { clientId, clientSecret, ...common } = options;
  const from = (option: string, value: string | undefined, variable: string) =>
    credential({ vendor, option, value, variable });
  const credentials = {
    clientId: from('clientId', clientId, 'VERDA_CLIENT_ID'),
    clientSecret: from('clientSecret', clientSecret, 'VERDA_CLIENT_SECRET'),
  };
  const account = {
    ...{ vendor, credential: credentials.clientId, clock: options.clock },
    baseUrl: baseUrl({
      ...{ vendor, value: options.baseUrl },
      ...{ variable: 'VERDA_BASE_URL', fallback: 'https://api.verda.com' },
    }),
  };
  return createClient<paths, VerdaClientMethods>({
    ...common,
    rateLimiter: options.rateLimiter ?? accountRateLimiter(account, rateLimits),
    ...{ vendor, quirks, operations, baseUrl: account.baseUrl },
    auth: oauth2ClientCredentials({ tokenPath: operations.getAccessToken.path, ...credentials }),
  });
}

const quirks: Quirks = {
  readers: {
    ...Object.fromEntries(creations.map((name) => [name, newId])),
    ...Object.fromEntries(lookups.map((name) => [name, theOne])),
    // Only a clone has an answer.
    performVolumeAction: (text) => (text.trim() === '' ? null : JSON.parse(text)),
  },
  failureOf: (answer, operation) =>
    answer === undefined && lookups.some((name) => name === operation)
      ? { code: 'not-found', message: 'nothing has this id' }
      : undefined,
  // Clusters know no other action.
  endsBilling: (operation, body) =>
    operation === 'performClusterActions' ||
    /^(delete|discontinue)/.test(String((body as { readonly action?: unknown } | undefined)?.action)),
  refused: (status, body) => status === 503 && /not enough resources/i.test(body),
};

function newId(text: string): string {
  const id = text.trim().replace(/^"(.*)"$/, '$1');
  if (/^[\w-]+$/.test(id)) return id;
  // Not seen yet, but it would be a pity to lose a machine over it.
  const { id: named } = JSON.parse(text) as { id?: unknown };
  if (typeof named === 'string') return named;
  throw new Error('no id');
}

function theOne(text: string): unknown {
  const answer: unknown = JSON.parse(text);
  return Array.isArray(answer) ? answer[0] : answer;
}
