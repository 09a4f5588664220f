import { type Command, Option } from '@commander-js/extra-typings';
import { durationText, json, pair, scheduleName } from '../option-values.ts';
import { type Context, explain } from './describe.ts';

/** Adds `gpu-clouds schedule` and its subcommands. */
export function addSchedules(program: Command, { terminal }: Context): void {
  const schedule = program
    .command('schedule')
    .description('run a job again and again, at the times of a cron expression');

  const add = schedule
    .command('add')
    .description("upload the job's files and create the schedule")
    .argument('<file>', 'job file in YAML or JSON')
    .requiredOption('--cron <expression>', 'minute, hour, day of the month, month, and day of the week')
    .option('--timezone <name>', 'time zone of the expression, such as Europe/Berlin', 'UTC')
    .addOption(
      new Option('--overlap <policy>', 'what to do while the last run has not ended')
        .choices(['skip', 'buffer-one', 'allow-all', 'cancel-other'] as const)
        .default('skip' as const),
    )
    .option('--jitter <duration>', 'start each run up to this much later, at random (default: not later)', durationText)
    .option('--catch-up <duration>', 'how late a run may start after an outage of Temporal', durationText, '10m')
    .option('--name <name>', 'name of the schedule (default: the name of the job)')
    .option('--tag <key=value>', 'tag of its runs; repeat the option for several', pair)
    .addOption(json())
    .action(async (file: string, options) => {
      const { add } = await import('../commands/schedule.ts');
      await add(file, options, terminal());
    });
  explain(
    add,
    [['schedule add job.yaml --cron "0 3 * * *" --timezone Europe/Berlin', 'every night at 3']],
    `A run's ID is the name of the schedule and the time in UTC. "gpu-clouds ps" lists it like any other run. To limit what its runs
cost, set limits.maxCost in the job file, and "gpu-clouds budget set". To change a schedule, remove it and add it again.`,
  );

  const list = schedule
    .command('list')
    .description('list schedules and their next runs')
    .addOption(json())
    .action(async (options) => {
      const { list } = await import('../commands/schedule.ts');
      await list(options, terminal());
    });
  explain(list, [['schedule list', 'when the next runs start']]);

  const run = schedule
    .command('run')
    .description('start a run now and print its ID, even if the schedule is paused')
    .addArgument(scheduleName())
    .addOption(json())
    .action(async (name: string, options) => {
      const { run } = await import('../commands/schedule.ts');
      await run(name, options, terminal());
    });
  explain(run, [['schedule run nightly', 'without waiting for its time']]);

  const changes = [
    ['pause', 'start no runs until "resume"; runs continue', 'until it is resumed'],
    ['resume', 'start runs again', 'from its next time on'],
    ['remove', 'delete a schedule; runs continue', 'no further runs start'],
  ] as const;
  for (const [way, description, meaning] of changes) {
    const command = schedule
      .command(way)
      .description(description)
      .addArgument(scheduleName())
      .addOption(json())
      .action(async (name: string, options) => {
        const { change } = await import('../commands/schedule.ts');
        await change(way, name, options, terminal());
      });
    explain(command, [[`schedule ${way} nightly`, meaning]]);
  }
}
