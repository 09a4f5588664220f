import {
  type Cloud,
  type CreateCloudsOptions,
  createClouds,
  credentialVariables,
  type Vendor,
} from '@gpu-clouds/clouds';
import { CliError, exitCodes } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Creates a client for each cloud that has credentials. Notes which variables a cloud needs that was asked for, or that has only some of them.
 * @throws {CliError} when no cloud has credentials
 */
export function configuredClouds(
  { env, note }: Pick<Terminal, 'env' | 'note'>,
  options: Pick<CreateCloudsOptions, 'vendors' | 'hooks'> = {},
): ReadonlyMap<Vendor, Cloud> {
  const { clouds, missing } = createClouds({ env, ...options });
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
