import {
  type ApiPromise,
  accountRateLimiter,
  baseUrl,
  type Client,
  type ClientOptions,
  createClient,
  credential,
  formPairAuth,
  type Quirks,
  type VendorFailure,
} from '@gpu-clouds/core';
import type { TensorDockMethods } from './generated/methods.ts';
import { operations } from './generated/operations.ts';
import type { paths } from './generated/types.ts';
import { rateLimits } from './rate-limits.ts';

const vendor = 'tensordock';

/** Options of `createTensorDock`: its credentials, and what all clients have. */
export interface TensorDockOptions extends ClientOptions {
  /** Default: `TENSORDOCK_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** Default: `TENSORDOCK_API_TOKEN`. */
  readonly apiToken?: string | undefined;
}

/** Operations for which `success: false` is an answer: the bid is too low. */
const verdicts = ['validateSpotNew', 'validateSpotExisting'] as const;
type Verdict = (typeof verdicts)[number];

type Succeeding<Call> = Call extends (...args: infer Args) => ApiPromise<infer Answer>
  ? (...args: Args) => ApiPromise<Exclude<Answer, { success: false }>>
  : never;

/** The generated methods, except that a failure on a 200 is thrown, so that an answer is always a success. */
export type TensorDockClientMethods = {
  [Name in keyof TensorDockMethods]: Name extends Verdict
    ? TensorDockMethods[Name]
    : Succeeding<TensorDockMethods[Name]>;
};

/** TensorDock's operations as methods, and openapi-fetch's client as `raw`, where a failure on a 200 is an answer. */
export type TensorDockClient = Client<paths, TensorDockClientMethods>;

/**
 * Makes a client of the TensorDock Marketplace API. The credentials travel in the form body of POSTs, in the query only
 * of the GET that needs them. Calls of more than 12 s are normal: an attempt may take 60 s by default.
 * @throws ApiError `missing-credential` or `invalid-option`
 */
export function createTensorDock(options: TensorDockOptions = {}): TensorDockClient {
  const { apiKey, apiToken, timeout = 60_000, ...common } = options;
  const from = (option: string, value: string | undefined, variable: string) =>
    credential({ vendor, option, value, variable });
  const pair = {
    api_key: from('apiKey', apiKey, 'TENSORDOCK_API_KEY'),
    api_token: from('apiToken', apiToken, 'TENSORDOCK_API_TOKEN'),
  };
  const account = {
    ...{ vendor, credential: pair.api_key, clock: options.clock },
    baseUrl: baseUrl({
      ...{ vendor, value: options.baseUrl },
      ...{ variable: 'TENSORDOCK_BASE_URL', fallback: 'https://marketplace.tensordock.com' },
    }),
  };
  return createClient<paths, TensorDockClientMethods>({
    ...common,
    rateLimiter: options.rateLimiter ?? accountRateLimiter(account, rateLimits),
    ...{ vendor, operations, quirks, timeout, baseUrl: account.baseUrl },
    auth: formPairAuth(pair),
  });
}

/** Deletes that are POSTs. */
const ends = ['deleteVirtualMachine', 'terminateContainer'];

const quirks: Quirks = { failureOf, endsBilling: (operation) => ends.includes(operation) };

/** Operations whose successes do not say that they are. */
const unmarked = ['listContainerReplicas', 'retrieveRevenue', 'retrieveMonthlySummary'];

/** Failures after which a machine may be there all the same: "create can succeed after the caller timed out". */
const undecided = /time[d ]*out|timeout|internal|unknown|unexpected|try again/i;

function failureOf(answer: unknown, operation: string): VendorFailure | undefined {
  const { success, error } = (answer ?? {}) as { success?: unknown; error?: unknown };
  if (success === true || success === 'true') return undefined;
  if (success === undefined) {
    if (typeof answer === 'object' && unmarked.includes(operation)) return undefined;
    return { code: 'unreadable', message: 'the answer does not say whether it succeeded', mayHaveTakenEffect: true };
  }
  if (verdicts.some((name) => name === operation)) return undefined;
  const message = typeof error === 'string' && error.trim() !== '' ? error : 'no reason is given';
  return { message, mayHaveTakenEffect: message !== error || undecided.test(message) };
}
