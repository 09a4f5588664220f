import {
  type ApiPromise,
  type Arguments,
  baseUrl,
  bearerAuth,
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  credential,
  type Quirks,
} from '@gpu-clouds/core';
import type { MassedComputeMethods } from './generated/methods.ts';
import { operations as operationTable } from './generated/operations.ts';
import type { operations, paths } from './generated/types.ts';
import { withTexts } from './numeric-texts.ts';
import type { Instance } from './schemas.ts';

const vendor = 'massed-compute';

/** Options of `createMassedCompute`: its credentials, and what all clients have. */
export interface MassedComputeOptions extends ClientOptions {
  /** Default: `MASSED_COMPUTE_TOKEN`. */
  readonly token?: string | undefined;
}

/** The generated methods, except that a lookup of one instance gives that one, in whichever envelope it came. */
export type MassedComputeClientMethods = {
  [Name in keyof MassedComputeMethods]: Name extends 'getInstance' ? GetInstance : MassedComputeMethods[Name];
};

type GetInstance = (args: Arguments<operations['getInstance']>, options?: CallOptions) => ApiPromise<Instance>;

/** Massed Compute's operations as methods, and openapi-fetch's client as `raw`. */
export type MassedComputeClient = Client<paths, MassedComputeClientMethods>;

/**
 * Makes a client of the Massed Compute VM API.
 * @throws ApiError `missing-credential` or `invalid-option`
 */
export function createMassedCompute(options: MassedComputeOptions = {}): MassedComputeClient {
  const { token, ...common } = options;
  return createClient<paths, MassedComputeClientMethods>({
    ...common,
    ...{ vendor, quirks, operations: operationTable },
    baseUrl: baseUrl({
      ...{ vendor, value: options.baseUrl },
      ...{ variable: 'MASSED_COMPUTE_BASE_URL', fallback: 'https://vm.massedcompute.com/api/v1' },
    }),
    auth: bearerAuth(credential({ vendor, option: 'token', value: token, variable: 'MASSED_COMPUTE_TOKEN' })),
  });
}

const quirks: Quirks = {
  endsBilling: (operation) => operation === 'terminateInstances',
  readers: {
    getInstance: (text) => theInstance(withTexts(text)),
    listInstances: withTexts,
    getCoupon: withTexts,
    listCouponProducts: withTexts,
    getBilling: withTexts,
    launchInstance: (text) => named(text, 'response'),
    createSshKey: (text) => named(text, 'sshKey'),
  },
  failureOf: (answer, operation) =>
    answer === undefined && operation === 'getInstance'
      ? { code: 'not-found', message: 'no instance has this uuid' }
      : undefined,
};

/** `runningInstance` by the document, `runningInstances[0]` by clients of the live API; none is an unknown uuid. */
function theInstance(answer: unknown): unknown {
  const { runningInstance, runningInstances } = answer as { runningInstance?: unknown; runningInstances?: unknown };
  if (runningInstance !== undefined) return runningInstance ?? undefined;
  if (Array.isArray(runningInstances)) return runningInstances[0];
  throw new Error('neither runningInstance nor runningInstances');
}

/** What was made is known by this property alone: an answer without it is no success. */
function named(text: string, property: string): unknown {
  const answer = JSON.parse(text) as Record<string, unknown> | null;
  if (!answer?.[property]) throw new Error(`no ${property}`);
  return answer;
}
