import { type Cloud, type CreateCloudsOptions, createClouds, type Vendor } from '@gpu-clouds/clouds';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * The clouds that have credentials; notes what the others lack.
 * @throws CliError when none has
 */
export function configuredClouds(
  terminal: Terminal,
  options: Pick<CreateCloudsOptions, 'vendors' | 'hooks'> = {},
): ReadonlyMap<Vendor, Cloud> {
  const { clouds, missing } = createClouds({ env: terminal.env, ...options });
  for (const { vendor, variables } of missing) {
    terminal.note(`${vendor} is left out: set ${variables.join(' and ')} to include it.`);
  }
  if (clouds.size > 0) return clouds;
  throw new CliError(
    'No cloud has credentials. Set those of at least one, or start simulated ones with "gpu-clouds dev".',
  );
}
