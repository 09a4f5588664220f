import { type Cloud, type CreateCloudsOptions, createClouds, type Vendor } from '@gpu-clouds/clouds';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * Creates a client for each cloud that has credentials, and notes which variables the other clouds need.
 * @throws {CliError} when no cloud has credentials
 */
export function configuredClouds(
  terminal: Terminal,
  options: Pick<CreateCloudsOptions, 'vendors' | 'hooks'> = {},
): ReadonlyMap<Vendor, Cloud> {
  const { clouds, missing } = createClouds({ env: terminal.env, ...options });
  for (const { vendor, variables } of missing) {
    terminal.note(`${vendor} is skipped: set ${variables.join(' and ')} to include it.`);
  }
  if (clouds.size > 0) return clouds;
  throw new CliError(
    'No cloud has credentials. Set the variables of at least one cloud, or start simulated clouds with "gpu-clouds dev".',
  );
}
