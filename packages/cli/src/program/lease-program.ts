import { type Command, Option } from '@commander-js/extra-typings';
import {
  atLeastOne,
  durationText,
  idleTime,
  json,
  leaseName,
  plainName,
  positive,
  wholeNumber,
} from '../option-values.ts';
import { type Context, explain } from './describe.ts';
import { offerOptions } from './offer-options.ts';

const node = () => new Option('--node <n>', 'node of the run, from 0 (default: the first)').argParser(wholeNumber);

/** Adds the commands for leases and for SSH. */
export function addLeases(program: Command, { terminal, finish, command }: Context): void {
  const up = program
    .command('up')
    .description('rent an instance to work on, and print the ssh command once it answers')
    .addOption(offerOptions.gpu('required').makeOptionMandatory())
    .option(
      '--ttl <duration>',
      'time after which the instance is destroyed, boot time included, even if it is in use',
      durationText,
      '1h',
    )
    .option(
      '--max-ttl <duration>',
      'maximum total time to live, extensions included, at most 365d (default: 24h, or --ttl if that is longer)',
      durationText,
    )
    .option(
      '--idle <duration>',
      'release the instance after this long without use: no login, GPUs at 2 % or less, load below 0.2 per processor, no run (default: only --ttl counts)',
      idleTime,
    )
    .option(
      '--max-cost <usd>',
      'maximum total cost in US dollars; then the instance is destroyed (default: no limit)',
      positive,
    )
    .option(
      '--name <name>',
      'name of the lease; cannot be reused after the lease has ended (default: the GPU and six random characters)',
      plainName,
    )
    .addOption(offerOptions.memory())
    .addOption(offerOptions.region())
    .addOption(offerOptions.vendor())
    .addOption(offerOptions.maxPrice())
    .addOption(offerOptions.spot('never'))
    .option('--image <name>', "the cloud's name of the image to boot (default: an image with a CUDA driver)")
    .option('--storage <gib>', "minimum disk size in GiB (default: the cloud's)", positive)
    .option('--detach', 'print the name and return immediately; no other offer is tried if the first one fails')
    .option('-y, --yes', 'do not ask before spending')
    .addOption(json())
    .action(async (options) => {
      const { up } = await import('../commands/up.ts');
      finish(await up(options, terminal()));
    });
  explain(
    up,
    [
      ['up --gpu 4090 --ttl 4h', 'the cheapest RTX 4090 for four hours'],
      ['up --gpu 4090 --ttl 1d --idle 30m', 'for a day, or until nobody has used it for half an hour'],
      ['up --gpu A100-80GB:4 --max-price 12 --name mine', 'then: gpu-clouds ssh mine'],
    ],
    `You are billed from the create call until "gpu-clouds down" or the end of --ttl. If an offer fails, the next one is tried.
Repeating the command with the same --name does not rent a second instance.
Requires the clouds' credentials and the GPU_CLOUDS_MASTER_SECRET of the worker.`,
  );

  const ls = program
    .command('ls')
    .description('list leases')
    .option('-a, --all', 'include ended leases')
    .option('--limit <n>', 'maximum number of leases to list', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { ls } = await import('../commands/ls.ts');
      await ls(options, terminal());
    });
  explain(ls, [['ls', 'active leases, and when each is destroyed']]);

  const extend = program
    .command('extend')
    .description('extend a lease to last at least this long from now')
    .addArgument(leaseName())
    .argument('<duration>', 'for example 30m or 2h; limited by the --max-ttl and --max-cost of the lease', durationText)
    .addOption(json())
    .action(async (name: string, duration: string, options) => {
      const { extend } = await import('../commands/extend.ts');
      await extend(name, duration, options, terminal());
    });
  explain(extend, [['extend mine 2h', 'at least two more hours from now']]);

  const down = program
    .command('down')
    .description('release a lease, and wait until its instance is gone')
    .addArgument(leaseName())
    .option('--detach', 'return immediately, before the instance is gone')
    .addOption(json())
    .action(async (name: string, options) => {
      const { down } = await import('../commands/down.ts');
      finish(await down(name, options, terminal()));
    });
  explain(down, [['down mine', 'succeeds as well if the lease has already ended']]);

  const ssh = program
    .command('ssh')
    .description('log in to the instance of a lease or of a run')
    .argument('<name>', 'name of a lease or ID of a run')
    .addOption(node())
    .option('--print', 'print the ssh command instead of running it')
    .addOption(json())
    .action(async (name: string, options) => {
      const { ssh } = await import('../commands/ssh.ts');
      finish(await ssh(name, options, terminal()));
    });
  explain(
    ssh,
    [
      ['ssh mine', 'log in'],
      ['ssh mine --print', 'the command, for scripts'],
    ],
    'Requires OpenSSH and the GPU_CLOUDS_MASTER_SECRET of the worker, which the SSH key is derived from.',
  );

  const exec = program
    .command('exec')
    .usage('[options] <name> -- <command>')
    .description('run a command on the instance of a lease or of a run, and exit with its exit code')
    .argument('<name>', 'name of a lease or ID of a run')
    .argument('[command...]', 'behind --')
    .addOption(node())
    .action(async (name: string, _command: string[], options) => {
      const { exec } = await import('../commands/ssh.ts');
      finish(await exec(name, command, options, terminal()));
    });
  explain(exec, [['exec mine -- nvidia-smi', 'see the GPUs of a lease']]);

  const cp = program
    .command('cp')
    .description('copy files to or from the instance of a lease or of a run')
    .argument('<from>', 'path, or NAME:PATH on the instance')
    .argument('<to>', 'path, or NAME:PATH on the instance')
    .addOption(node())
    .action(async (from: string, to: string, options) => {
      const { cp } = await import('../commands/ssh.ts');
      finish(await cp(from, to, options, terminal()));
    });
  explain(cp, [
    ['cp data mine:data', 'to the instance'],
    ['cp mine:model.bin .', 'from the instance'],
  ]);

  const config = program
    .command('ssh-config')
    .description(
      'print an OpenSSH configuration with which plain ssh, rsync, and VS Code reach all active leases by name',
    )
    .option('--write', 'write it to .gpu-clouds/ssh/config, and include it in ~/.ssh/config')
    .addOption(json())
    .action(async (options) => {
      const { sshConfig } = await import('../commands/ssh-config.ts');
      await sshConfig(options, terminal());
    });
  explain(config, [
    ['ssh-config --write', 'then: ssh mine'],
    ['ssh-config > ~/.ssh/gpu-clouds', 'to include it yourself'],
  ]);
}
