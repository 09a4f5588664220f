import { type ClientOptions, type Clock, environment, type Hooks } from '@gpu-clouds/core';
import { createGpuAi } from '@gpu-clouds/gpu-ai';
import { createMassedCompute } from '@gpu-clouds/massed-compute';
import { createTensorDock } from '@gpu-clouds/tensordock';
import { createVerda } from '@gpu-clouds/verda';
import { type Cloud, type Vendor, vendors } from './cloud.ts';
import { CloudError } from './cloud-error.ts';
import { baseUrlVariable, credentialVariables } from './credentials.ts';
import { cloudError } from './failure-rules.ts';
import { gpuAiCloud } from './gpu-ai/gpu-ai-cloud.ts';
import { massedComputeCloud } from './massed-compute/massed-compute-cloud.ts';
import { tensorDockCloud } from './tensordock/tensordock-cloud.ts';
import { VendorClock } from './vendor-clock.ts';
import { verdaCloud } from './verda/verda-cloud.ts';

/** Options of one cloud. */
export interface CreateCloudOptions {
  /** Environment variables to take credentials, base URLs and SSH ports from. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Sends the HTTP requests. Default: the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Called for each call and request, for logs and traces. Default: none. */
  readonly hooks?: Hooks | undefined;
  /** Time and random numbers. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** Options of `createClouds`. */
export interface CreateCloudsOptions extends CreateCloudOptions {
  /** Which clouds to make. Default: all. */
  readonly vendors?: readonly Vendor[] | undefined;
}

/** A cloud without credentials, and the environment variables to set. */
export interface MissingCloud {
  /** The vendor. */
  readonly vendor: Vendor;
  /** Environment variables that are not set. */
  readonly variables: readonly string[];
}

/** The clouds with credentials, and what the others need. */
export interface Clouds {
  /** One for each vendor with credentials. */
  readonly clouds: ReadonlyMap<Vendor, Cloud>;
  /** Vendors without complete credentials. */
  readonly missing: readonly MissingCloud[];
}

/**
 * Creates a cloud for each vendor with credentials in the environment. Sends no request: wrong credentials fail at the first call.
 * @throws {CloudError} `invalid` for a malformed base URL or port.
 */
export function createClouds({ vendors: wanted = vendors, ...options }: CreateCloudsOptions = {}): Clouds {
  const lacking = wanted.map((vendor) => ({ vendor, variables: missingVariables(vendor, options.env) }));
  const complete = lacking.filter(({ variables }) => variables.length === 0);
  return {
    clouds: new Map(complete.map(({ vendor }) => [vendor, createCloud(vendor, options)])),
    missing: lacking.filter(({ variables }) => variables.length > 0),
  };
}

/**
 * Creates one cloud with credentials from the environment.
 * @throws {CloudError} `unauthorized`, which names the variables that are not set; `invalid` for a malformed base URL or port.
 */
export function createCloud(vendor: Vendor, options: CreateCloudOptions = {}): Cloud {
  const missing = missingVariables(vendor, options.env);
  if (missing.length > 0) {
    const message = `${vendor}: no credentials. Set ${missing.join(' and ')} in the environment.`;
    throw new CloudError(message, { kind: 'unauthorized', ...before(vendor) });
  }
  const { fetch, clock, hooks } = options;
  const variable = (name: string) => setting(name, options.env);
  const sshPort = (name: string) => portFrom(vendor, name, variable(name));
  const vendorClock = new VendorClock(clock);
  const allHooks = [vendorClock.hooks, ...(hooks === undefined ? [] : [hooks])];
  const client = { fetch, clock, hooks: allHooks, baseUrl: variable(baseUrlVariable[vendor]) };
  try {
    return { ...adapters[vendor]({ variable, sshPort, clock, client }), clockSkewMs: () => vendorClock.skewMs };
  } catch (error) {
    throw optionError(vendor, error);
  }
}

interface Settings {
  readonly variable: (name: string) => string | undefined;
  readonly sshPort: (name: string) => { readonly sshPort?: number };
  readonly clock: Clock | undefined;
  readonly client: ClientOptions;
}

const adapters: Readonly<Record<Vendor, (settings: Settings) => Cloud>> = {
  'gpu-ai': ({ variable, client, clock }) =>
    gpuAiCloud(createGpuAi({ ...client, apiKey: variable('GPU_AI_API_KEY') }), { clock }),
  'massed-compute': ({ variable, client, sshPort }) =>
    massedComputeCloud(
      createMassedCompute({ ...client, token: variable('MASSED_COMPUTE_TOKEN') }),
      sshPort('MASSED_COMPUTE_SSH_PORT'),
    ),
  tensordock: ({ variable, client }) =>
    tensorDockCloud(
      createTensorDock({
        ...client,
        apiKey: variable('TENSORDOCK_API_KEY'),
        apiToken: variable('TENSORDOCK_API_TOKEN'),
      }),
    ),
  verda: ({ variable, client, sshPort }) =>
    verdaCloud(
      createVerda({
        ...client,
        clientId: variable('VERDA_CLIENT_ID'),
        clientSecret: variable('VERDA_CLIENT_SECRET'),
      }),
      {
        ...sshPort('VERDA_SSH_PORT'),
        fetch: client.fetch,
        clock: client.clock,
        inferenceKey: variable('VERDA_INFERENCE_KEY'),
      },
    ),
};

/** Names the environment variable instead of the client's option. */
function optionError(vendor: Vendor, error: unknown): CloudError {
  const { kind, message } = cloudError(vendor, [], 'createCloud', error);
  return new CloudError(message.replace('the option baseUrl', baseUrlVariable[vendor]), { kind, ...before(vendor) });
}

function missingVariables(vendor: Vendor, env: CreateCloudOptions['env']): readonly string[] {
  return credentialVariables[vendor].filter((name) => setting(name, env) === undefined);
}

function setting(name: string, env: CreateCloudOptions['env']): string | undefined {
  return env === undefined ? environment(name) : env[name]?.trim() || undefined;
}

function portFrom(vendor: Vendor, name: string, value: string | undefined): { readonly sshPort?: number } {
  if (value === undefined) return {};
  const port = Number(value);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return { sshPort: port };
  const message = `${name} is "${value}", which is not a port. Set it to a number from 1 to 65535, or unset it.`;
  throw new CloudError(message, { kind: 'invalid', ...before(vendor) });
}

/** Nothing has been sent yet. */
function before(vendor: Vendor) {
  return { vendor, operation: 'createCloud', mayHaveTakenEffect: false } as const;
}
