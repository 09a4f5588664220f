import { type Clock, environment, type Hooks } from '@gpu-clouds/core';
import { type Cloud, type Vendor, vendors } from './cloud.ts';
import { CloudError } from './cloud-error.ts';
import { baseUrlVariable, credentialVariables } from './credentials.ts';
import { cloudError } from './failure-rules.ts';
import { adapters } from './generated/adapters.ts';
import { VendorClock } from './vendor-clock.ts';

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
  const client = { fetch, clock, hooks: allHooks, baseUrl: variable(baseUrlVariable(vendor)) };
  try {
    return { ...adapters[vendor].create({ variable, sshPort, clock, client }), clockSkewMs: () => vendorClock.skewMs };
  } catch (error) {
    throw optionError(vendor, error);
  }
}

/** Names the environment variable instead of the client's option. */
function optionError(vendor: Vendor, error: unknown): CloudError {
  const { kind, message } = cloudError(vendor, [], 'createCloud', error);
  return new CloudError(message.replace('the option baseUrl', baseUrlVariable(vendor)), { kind, ...before(vendor) });
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
