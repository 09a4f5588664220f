import type { Command } from '@commander-js/extra-typings';
import { json } from './option-values.ts';
import type { Terminal } from './terminal.ts';

const about = `
The reaper is a Temporal schedule of the fleet (GPU_CLOUDS_FLEET). At each look a worker goes through the clouds' lists, and what
no live run owns at two looks, and for the grace, is destroyed. "gpu-clouds reap" does the same once, from here, also without Temporal.`;

const ways = {
  pause: 'look no more until it is resumed',
  resume: 'go on looking',
  remove: 'remove the schedule',
} as const;

/** `gpu-clouds reaper …` */
export function addReaper(program: Command, terminal: () => Terminal, finish: (exitCode: number) => void): void {
  const reaper = program
    .command('reaper')
    .description('the schedule that destroys what no live run owns')
    .addHelpText('after', about);

  reaper
    .command('start')
    .description('start the schedule, or give the one that there is these options')
    .option('--every <duration>', 'between two looks', '5m')
    .option('--grace <duration>', 'how long something must have been unclaimed', '10m')
    .option('--dry-run', 'only report')
    .addOption(json())
    .action(async (options) => {
      const { start } = await import('./commands/reaper.ts');
      await start(options, terminal());
    });

  reaper
    .command('status')
    .description('tell when it looks, and what the latest look found')
    .addOption(json())
    .action(async (options) => {
      const { status } = await import('./commands/reaper.ts');
      await status(options, terminal());
    });

  reaper
    .command('run')
    .description('look now, paused or not, and show what was found')
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
