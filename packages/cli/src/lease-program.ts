import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { vendors } from '@gpu-clouds/clouds/pure';
import { refuseMistyped } from './mistyped.ts';
import { atLeastOne, gpuNames, json, leaseName, positive } from './option-values.ts';
import type { Terminal } from './terminal.ts';

const about = `
The cheapest instance that fits is rented, lives for --ttl from the create call on, and is destroyed then, whatever it does and whether or not
you are still there. With a job file it is an instance such as the job asks for, to try things out on; options win over the file.
The same command with the same --name rents nothing again: it shows the instance that there is.
Needs the clouds' credentials and GPU_CLOUDS_MASTER_SECRET here, as the worker has them.`;

/** `gpu-clouds lease …` */
export function addLease(program: Command, terminal: () => Terminal, finish: (exitCode: number) => void): void {
  const lease = program
    .command('lease')
    .description('rent an instance to log in to, for a time')
    .addHelpText(
      'after',
      '\n"gpu-clouds lease --gpu H100 --ttl 2h" rents one: "gpu-clouds lease rent --help" tells what it may be.',
    );
  refuseMistyped(lease);

  lease
    .command('rent', { isDefault: true })
    .description('rent an instance, wait until SSH answers, and print the command that logs in')
    .argument('[job]', 'job file, YAML or JSON, of whose resources and limits the instance is')
    .option('--name <name>', 'what to call it; used once only')
    .option('--ttl <duration>', 'time to live, booting included', '1h')
    .option('--max-ttl <duration>', 'how far "lease extend" can put off its end', '7d')
    .option('--max-cost <dollars>', 'US dollars; when they are spent it is destroyed', positive)
    .option('--gpu <name[:count]>', 'this GPU, for instance H100:8; several by comma or by repetition', gpuNames)
    .option('--count <n>', 'GPUs in the instance, where --gpu carries no count; 1 by default', atLeastOne)
    .addOption(new Option('--vendor <name...>', 'only these clouds').choices([...vendors]))
    .option('--region <name...>', 'only these regions, or what their names start with')
    .option('--max-price <dollars>', 'US dollars an hour for the whole instance', positive)
    .addOption(
      new Option('--spot <which>', 'instances the cloud may take back; never by default').choices([
        'allow',
        'only',
        'never',
      ]),
    )
    .option('--image <name>', "the cloud's own name of an image; one with a CUDA driver by default")
    .option('--storage <gib>', 'GiB of disk', positive)
    .option('--detach', 'print the name and return at once')
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
    .option('-a, --all', 'ended ones too')
    .option('--limit <n>', 'at most so many', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { list } = await import('./commands/lease-by-name.ts');
      await list(options, terminal());
    });

  lease
    .command('show')
    .description('tell how an instance stands, and print the ssh command that logs in')
    .addArgument(leaseName())
    .addOption(json())
    .action(async (name: string, options) => {
      const { show } = await import('./commands/lease-by-name.ts');
      await show(name, options, terminal());
    });

  lease
    .command('extend')
    .description('let an instance live for at least this long from now on')
    .addArgument(leaseName())
    .argument('<duration>', '30m, 2h, …; up to its --max-ttl, and for no more dollars than its --max-cost')
    .addOption(json())
    .action(async (name: string, duration: string, options) => {
      const { extend } = await import('./commands/lease-by-name.ts');
      await extend(name, duration, options, terminal());
    });

  lease
    .command('release')
    .description('give an instance back, and wait until it is gone')
    .addArgument(leaseName())
    .option('--detach', 'return at once')
    .addOption(json())
    .action(async (name: string, options) => {
      const { release } = await import('./commands/lease-by-name.ts');
      await release(name, options, terminal());
    });
}

/** What bills has to be asked for: by a GPU, by a job file, or by the subcommand's name. */
function refuseUnnamed(lease: CommandUnknownOpts): void {
  const [first] = lease.args;
  if (first === 'rent') return;
  if (first === undefined) lease.help({ error: true });
  lease.error(
    'error: nothing is rented without --gpu or a job file; "gpu-clouds lease rent" rents the cheapest instance',
  );
}
