import {
  type ApiPromise,
  type Arguments,
  baseUrl,
  type CallOptions,
  type ClientOptions,
  createClient,
  credential,
  type Quirks,
  schemeAuth,
} from '@gpu-clouds/core';
import type { MassedComputeMethods } from './generated/methods.ts';
import { operations as operationTable, securitySchemes, serverUrl } from './generated/operations.ts';
import type { operations } from './generated/types.ts';
import { parseWithTexts } from './numeric-texts.ts';
import type { Instance } from './schemas.ts';

const vendor = 'massed-compute';

/** Options of `createMassedCompute`: the API token and the options of all clients. */
export interface MassedComputeOptions extends ClientOptions {
  /** API token. Default: the variable `MASSED_COMPUTE_TOKEN`. */
  readonly token?: string | undefined;
}

type GetInstance = (args: Arguments<operations['getInstance']>, options?: CallOptions) => ApiPromise<Instance>;

/** Massed Compute's operations as methods. `getInstance` resolves to the instance, without the envelope around it. */
export type MassedComputeClient = {
  [Name in keyof MassedComputeMethods]: Name extends 'getInstance' ? GetInstance : MassedComputeMethods[Name];
};

/**
 * Creates a client of the Massed Compute VM API.
 * @throws {ApiError} `missing-credential`, `invalid-option`
 */
export function createMassedCompute(options: MassedComputeOptions = {}): MassedComputeClient {
  const { token, ...common } = options;
  return createClient<MassedComputeClient>({
    ...common,
    vendor,
    quirks,
    operations: operationTable,
    baseUrl: baseUrl({ vendor, value: options.baseUrl, variable: 'MASSED_COMPUTE_BASE_URL', fallback: serverUrl }),
    auth: schemeAuth(
      securitySchemes.bearerAuth,
      credential({ vendor, option: 'token', value: token, variable: 'MASSED_COMPUTE_TOKEN' }),
    ),
  });
}

const quirks: Quirks = {
  endsBilling: (operation) => operation === 'terminateInstances',
  readers: {
    getInstance: (text) => instanceIn(parseWithTexts(text)),
    listInstances: parseWithTexts,
    getCoupon: parseWithTexts,
    listCouponProducts: parseWithTexts,
    getBilling: parseWithTexts,
    launchInstance: (text) => parseWith(text, 'response'),
    createSshKey: (text) => parseWith(text, 'sshKey'),
  },
  failureOf: (answer, operation) =>
    answer === undefined && operation === 'getInstance'
      ? { code: 'not-found', reason: 'no instance has this uuid' }
      : undefined,
};

/**
 * Returns the instance: `runningInstance` in the document, `runningInstances[0]` in clients of the live API. Undefined for
 * an unknown uuid.
 */
function instanceIn(answer: unknown): unknown {
  const { runningInstance, runningInstances } = answer as { runningInstance?: unknown; runningInstances?: unknown };
  if (runningInstance !== undefined) return runningInstance ?? undefined;
  if (Array.isArray(runningInstances)) return runningInstances[0];
  throw new Error('neither runningInstance nor runningInstances');
}

/** Parses an answer that must have a property: only it identifies what was created. */
function parseWith(text: string, property: string): unknown {
  const answer = JSON.parse(text) as Record<string, unknown> | null;
  if (!answer?.[property]) throw new Error(`no ${property}`);
  return answer;
}
