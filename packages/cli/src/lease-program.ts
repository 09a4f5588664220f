import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { vendors } from '@gpu-clouds/clouds/pure';
import { refuseMistyped } from './mistyped.ts';
import { atLeastOne, gpuNames, json, leaseName, positive } from './option-values.ts';
import type { Terminal } from './terminal.ts';

const about = `
Rents the cheapest matching instance. You are billed until you release it or until its --ttl ends, counted from the create call.
Then it is destroyed, even if it is in use. With a job file, the instance matches the job's resources; options override the file.
Repeating the command with the same --name does not rent a second instance: it shows the existing one.
Requires the clouds' credentials and GPU_CLOUDS_MASTER_SECRET in this environment, with the same values as the worker.

Examples:
  gpu-clouds lease --gpu 4090 --ttl 4h
  gpu-clouds lease --gpu A100-80GB:4 --max-price 12 --name mine`;

/** Adds `gpu-clouds lease` and its subcommands. */
export function addLease(program: Command, terminal: () => Terminal, finish: (exitCode: number) => void): void {
  const lease = program
    .command('lease')
    .description('lease an instance to work on over SSH, for a limited time')
    .addHelpText(
      'after',
      '\n"gpu-clouds lease --gpu H100 --ttl 2h" leases an instance. "gpu-clouds lease rent --help" lists the options.',
    );
  refuseMistyped(lease);

  lease
    .command('rent', { isDefault: true })
    .description('rent an instance, wait until SSH answers, and print the ssh command')
    .argument('[job]', 'job file in YAML or JSON whose resources and limits the instance gets')
    .option('--name <name>', 'name of the lease; cannot be reused after the lease has ended (default: generated)')
    .option('--ttl <duration>', 'time after which the instance is destroyed, boot time included', '1h')
    .option('--max-ttl <duration>', 'maximum total time to live, extensions included', '24h')
    .option(
      '--max-cost <dollars>',
      'maximum total cost in US dollars; the instance is destroyed when it is reached (default: as in the job file, else no limit)',
      positive,
    )
    .option(
      '--gpu <name[:count]>',
      'accepted GPU and how many, for example H100:8; separate several with commas or repeat the option',
      gpuNames,
    )
    .option('--count <n>', 'number of GPUs in the instance, for GPU names without a count (default: 1)', atLeastOne)
    .addOption(
      new Option('--vendor <name...>', 'clouds to rent from (default: all with credentials)').choices([...vendors]),
    )
    .option('--region <name...>', 'accepted regions, or prefixes of their names (default: all)')
    .option(
      '--max-price <dollars>',
      'maximum price of the whole instance, in US dollars per hour (default: no limit)',
      positive,
    )
    .addOption(
      new Option('--spot <which>', 'spot instances, which the cloud can take back (default: never)').choices([
        'allow',
        'only',
        'never',
      ]),
    )
    .option('--image <name>', "the cloud's name of the image to boot (default: an image with a CUDA driver)")
    .option('--storage <gib>', 'minimum disk size in GiB', positive)
    .option('--detach', 'print the name and return immediately')
    .addOption(json())
    .addHelpText('after', about)
    .action(async (job: string | undefined, options) => {
      if (job === undefined && options.gpu === undefined) refuseUnnamed(lease);
      const { rent } = await import('./commands/lease-rent.ts');
      finish(await rent(job, options, terminal()));
    });

  lease
    .command('list')
    .description('list leases')
    .option('-a, --all', 'include ended leases')
    .option('--limit <n>', 'maximum number of leases to list', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { list } = await import('./commands/lease-by-name.ts');
      await list(options, terminal());
    });

  lease
    .command('show')
    .description('show the state of a lease, and print the ssh command')
    .addArgument(leaseName())
    .addOption(json())
    .action(async (name: string, options) => {
      const { show } = await import('./commands/lease-by-name.ts');
      await show(name, options, terminal());
    });

  lease
    .command('extend')
    .description('extend a lease to last at least this long from now')
    .addArgument(leaseName())
    .argument('<duration>', 'for example 30m or 2h; limited by the --max-ttl and --max-cost of the lease')
    .addOption(json())
    .action(async (name: string, duration: string, options) => {
      const { extend } = await import('./commands/lease-by-name.ts');
      await extend(name, duration, options, terminal());
    });

  lease
    .command('release')
    .description('release a lease, and wait until its instance is gone')
    .addArgument(leaseName())
    .option('--detach', 'return immediately, before the instance is gone')
    .addOption(json())
    .action(async (name: string, options) => {
      const { release } = await import('./commands/lease-by-name.ts');
      await release(name, options, terminal());
    });
}

/** Refuses a bare `lease`. Renting costs money and requires a GPU, a job file, or the explicit subcommand `rent`. */
function refuseUnnamed(lease: CommandUnknownOpts): void {
  const [first] = lease.args;
  if (first === 'rent') return;
  if (first === undefined) lease.help({ error: true });
  lease.error(
    'error: specify --gpu or a job file; to lease the cheapest instance of any GPU, run "gpu-clouds lease rent"',
  );
}
