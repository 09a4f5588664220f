import {
  vendors as allVendors,
  type Cloud,
  CloudError,
  type Clouds,
  type CreateCloudsOptions,
  createClouds,
  credentialVariables,
  type Vendor,
} from '@gpu-clouds/clouds';
import { CliError, exitCodes } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

type Options = Pick<CreateCloudsOptions, 'vendors' | 'hooks'>;

/** Clouds, and what is wrong with the settings of others. */
export interface CheckedClouds extends Clouds {
  /** One error for each cloud with credentials and a malformed base URL or port. */
  readonly malformed: readonly CloudError[];
}

/** Creates a client for each cloud that has credentials and no malformed setting. */
export function checkedClouds(
  { env }: Pick<Terminal, 'env'>,
  { vendors = allVendors, hooks }: Options = {},
): CheckedClouds {
  const malformed: CloudError[] = [];
  const created = vendors.flatMap((vendor) => {
    try {
      return createClouds({ env, hooks, vendors: [vendor] });
    } catch (error) {
      if (!CloudError.isInstance(error)) throw error;
      malformed.push(error);
      return [];
    }
  });
  return {
    clouds: new Map(created.flatMap(({ clouds }) => [...clouds])),
    missing: created.flatMap(({ missing }) => missing),
    malformed,
  };
}

/**
 * Creates a client for each cloud that has credentials. Notes which variables a cloud needs that was asked for, or that has only some of them.
 * @param options `leaveOutMalformed`: whether a cloud with a malformed base URL or port is left out, with a note. Default: false.
 * @throws {CloudError} for a malformed base URL or port
 * @throws {CliError} when no cloud has credentials
 */
export function configuredClouds(
  terminal: Pick<Terminal, 'env' | 'note'>,
  { leaveOutMalformed = false, ...options }: Options & { readonly leaveOutMalformed?: boolean } = {},
): ReadonlyMap<Vendor, Cloud> {
  const { note } = terminal;
  const { clouds, missing, malformed } = checkedClouds(terminal, options);
  const [problem] = malformed;
  if (problem !== undefined && !(leaveOutMalformed && clouds.size > 0)) throw problem;
  for (const { vendor, message } of malformed) note(`gpu-clouds: ${vendor} is left out. ${message}`);
  for (const { vendor, variables } of missing) {
    const isPartial = variables.length < credentialVariables[vendor].length;
    if (isPartial || options.vendors !== undefined)
      note(`gpu-clouds: ${vendor} is left out: set ${variables.join(' and ')} to include it.`);
  }
  if (clouds.size > 0) return clouds;
  const needed = missing.map(({ vendor, variables }) => `${vendor}: ${variables.join(', ')}`).join('; ');
  throw new CliError(
    `No cloud has credentials. Set those of at least one (${needed}), or start simulated clouds with "gpu-clouds dev".`,
    { exitCode: exitCodes.credentials },
  );
}
