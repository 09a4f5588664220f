import type { Command } from '@commander-js/extra-typings';
import { json } from './option-values.ts';
import type { Terminal } from './terminal.ts';

const about = `
The reaper is a Temporal schedule of the fleet (GPU_CLOUDS_FLEET). On each scan a worker lists the resources of every cloud.
A resource that no live run owns on two scans, and for the grace period, is destroyed.
"gpu-clouds reap" scans once from this machine, also without Temporal.`;

const ways = {
  pause: 'pause the schedule until it is resumed',
  resume: 'resume the schedule',
  remove: 'remove the schedule',
} as const;

/** Adds `gpu-clouds reaper` and its subcommands. */
export function addReaper(program: Command, terminal: () => Terminal, finish: (exitCode: number) => void): void {
  const reaper = program
    .command('reaper')
    .description('manage the schedule that destroys orphaned resources')
    .addHelpText('after', about);

  reaper
    .command('start')
    .description('start the schedule, or update the options of the existing one')
    .option('--every <duration>', 'time between two scans', '5m')
    .option('--grace <duration>', 'how long a resource must have been orphaned before it is destroyed', '10m')
    .option('--dry-run', 'report orphans without destroying them')
    .addOption(json())
    .action(async (options) => {
      const { start } = await import('./commands/reaper.ts');
      await start(options, terminal());
    });

  reaper
    .command('status')
    .description('show the schedule and the report of the latest scan')
    .addOption(json())
    .action(async (options) => {
      const { status } = await import('./commands/reaper.ts');
      await status(options, terminal());
    });

  reaper
    .command('run')
    .description('scan now, also while paused, and show the report')
    .addOption(json())
    .action(async (options) => {
      const { run } = await import('./commands/reaper.ts');
      finish(await run(options, terminal()));
    });

  for (const way of ['pause', 'resume', 'remove'] as const) {
    reaper
      .command(way)
      .description(ways[way])
      .addOption(json())
      .action(async (options) => {
        const { change } = await import('./commands/reaper.ts');
        await change(way, options, terminal());
      });
  }
}
