import {
  type ApiPromise,
  accountRateLimiter,
  baseUrl,
  type ClientOptions,
  createClient,
  credential,
  formPairAuth,
  type Quirks,
  type VendorFailure,
} from '@gpu-clouds/core';
import type { TensorDockMethods } from './generated/methods.ts';
import { operations, serverUrl } from './generated/operations.ts';
import { rateLimits } from './rate-limits.ts';

const vendor = 'tensordock';

/** Options of `createTensorDock`: credentials and the options of all clients. */
export interface TensorDockOptions extends ClientOptions {
  /** API key. Default: the variable `TENSORDOCK_API_KEY`. */
  readonly apiKey?: string | undefined;
  /** API token. Default: the variable `TENSORDOCK_API_TOKEN`. */
  readonly apiToken?: string | undefined;
}

/** Operations for which `success: false` is an answer: the bid is too low. */
const verdicts = ['validateSpotNew', 'validateSpotExisting'] as const;
type Verdict = (typeof verdicts)[number];

type Succeeding<Call> = Call extends (...args: infer Args) => ApiPromise<infer Answer>
  ? (...args: Args) => ApiPromise<Exclude<Answer, { success: false }>>
  : never;

/** TensorDock's operations as methods. A failure with status 200 is thrown, so that an answer is always a success. */
export type TensorDockClient = {
  [Name in keyof TensorDockMethods]: Name extends Verdict
    ? TensorDockMethods[Name]
    : Succeeding<TensorDockMethods[Name]>;
};

/**
 * Creates a client of the TensorDock Marketplace API. Credentials are form fields of a POST, and query parameters of the one
 * GET that needs them. Calls of more than 12 s are normal, so an attempt may take 60 s by default.
 * @throws {ApiError} `missing-credential`, `invalid-option`
 */
export function createTensorDock(options: TensorDockOptions = {}): TensorDockClient {
  const { apiKey, apiToken, timeoutMs = 60_000, ...common } = options;
  const from = (option: string, value: string | undefined, variable: string) =>
    credential({ vendor, option, value, variable });
  const key = from('apiKey', apiKey, 'TENSORDOCK_API_KEY');
  const token = from('apiToken', apiToken, 'TENSORDOCK_API_TOKEN');
  const url = baseUrl({ vendor, value: options.baseUrl, variable: 'TENSORDOCK_BASE_URL', fallback: serverUrl });
  const account = { vendor, baseUrl: url, credential: key, clock: options.clock };
  return createClient<TensorDockClient>({
    ...common,
    vendor,
    operations,
    quirks,
    timeoutMs,
    baseUrl: url,
    rateLimiter: options.rateLimiter ?? accountRateLimiter(account, rateLimits),
    auth: formPairAuth({ api_key: key, api_token: token }),
  });
}

/** Deletes that are sent as POST. */
const deletes = ['deleteVirtualMachine', 'terminateContainer'];

const quirks: Quirks = { failureOf, refused, endsBilling: (operation) => deletes.includes(operation) };

/** Operations whose successful answers have no `success` property. */
const unmarked = ['listContainerReplicas', 'retrieveRevenue', 'retrieveMonthlySummary'];

/** Failures after which the server may exist all the same: "create can succeed after the caller timed out". */
const undecided = /time[d ]*out|timeout|internal|unknown|unexpected|try again/i;

/** A 5xx response with `success: false` and a definite reason is a refusal like one with status 200, not an outage. */
function refused(_status: number, body: string): boolean {
  const { success, error } = parsed(body);
  return success === false && typeof error === 'string' && error.trim() !== '' && !undecided.test(error);
}

function parsed(body: string): { readonly success?: unknown; readonly error?: unknown } {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

function failureOf(answer: unknown, operation: string): VendorFailure | undefined {
  const { success, error } = (answer ?? {}) as { success?: unknown; error?: unknown };
  if (success === true || success === 'true') return undefined;
  if (success === undefined) {
    if (typeof answer === 'object' && unmarked.includes(operation)) return undefined;
    return { code: 'unreadable', reason: 'the answer does not say whether it succeeded', mayHaveTakenEffect: true };
  }
  if (verdicts.some((name) => name === operation)) return undefined;
  if (typeof error !== 'string' || error.trim() === '') {
    return { reason: 'no reason is given', mayHaveTakenEffect: true };
  }
  return { message: error, mayHaveTakenEffect: undecided.test(error) };
}
