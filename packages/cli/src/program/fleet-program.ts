import { type Command, Option } from '@commander-js/extra-typings';
import { durationText, json, port, since, wholeNumber } from '../option-values.ts';
import { loadOptional } from '../optional-package.ts';
import { type Context, explain } from './describe.ts';

/** Adds the commands that operate a fleet. */
export function addFleet(program: Command, { terminal, finish }: Context): void {
  const cost = program
    .command('cost')
    .description('add up what runs and leases cost, beside the budget and what the clouds say')
    .addOption(
      new Option('--since <when>', 'what was spent since then: 12h, 7d, or 2026-11-01')
        .argParser(since)
        .default(since('30d'), '30d'),
    )
    .addOption(
      new Option('--by <what>', 'group by day in UTC, vendor, GPU, run, or a tag of the runs')
        .choices(['day', 'vendor', 'gpu', 'run', 'tag'])
        .default('vendor'),
    )
    .option('--tag <key>', 'the tag to group by, with --by tag (default: all tags of a run together)')
    .addOption(json())
    .action(async (options) => {
      const { cost } = await import('../commands/cost.ts');
      await cost(options, terminal());
    });
  explain(cost, [
    ['cost --since 7d', 'by cloud, in the last week'],
    ['cost --by tag --tag team', 'by the value of the tag "team"'],
  ]);

  const reap = program
    .command('reap')
    .description('destroy overdue and orphaned instances, keys, volumes, and job deployments once')
    .option('--dry-run', 'list the orphans without destroying them')
    .option(
      '--grace <duration>',
      'how long a resource must be orphaned or past its deadline before it is destroyed',
      durationText,
      '10m',
    )
    .option('--force', 'destroy orphans without waiting for the grace period')
    .option(
      '--fleet <name>',
      'fleet to clean up, or all (default: GPU_CLOUDS_FLEET, else the fleet of the Temporal namespace)',
    )
    .option('--no-temporal', 'destroy only what is past the deadline in its name, without asking Temporal')
    .addOption(json())
    .action(async (options) => {
      const { reap } = await import('../commands/reap.ts');
      finish(await reap(options, terminal()));
    });
  explain(
    reap,
    [
      ['reap --dry-run', 'what bills without an owner'],
      ['reap --no-temporal --fleet all', 'in a cron job, for the day on which Temporal is down'],
    ],
    'A resource is orphaned when it belongs to this fleet and no live run or lease owns it.',
  );

  addReaper(program, { terminal, finish });

  const worker = program
    .command('worker')
    .description('serve runs and leases until stopped, and start the reaper of a named fleet')
    .option('--metrics-port <n>', 'port on 127.0.0.1 that serves Prometheus metrics (default: not served)', port)
    .option('--health-port <n>', 'port on 127.0.0.1 that serves /health (default: not served)', port)
    .option(
      '--build-id <id>',
      'build ID of this worker; a run stays on the build ID it started on (default: GPU_CLOUDS_BUILD_ID, else none)',
    )
    .option('--no-reaper', 'do not start or update the reaper schedule')
    .addOption(json())
    .action(async (options) => {
      const { worker } = await loadOptional('@gpu-clouds/workflows', () => import('../commands/worker.ts'));
      await worker(options, terminal());
    });
  explain(worker, [['worker --health-port 8080', 'two or more workers share the work']]);

  const dev = program
    .command('dev')
    .description('run Temporal, four simulated clouds, and a worker on this machine; nothing is billed')
    .option('--port <n>', 'port of Temporal (default: any free port)', port)
    .option('--seed <n>', 'seed of the simulated clouds (default: 1)', wholeNumber)
    .option('--no-ui', "do not serve Temporal's web interface")
    .addOption(json())
    .action(async (options) => {
      const { dev } = await loadOptional('@gpu-clouds/dev', () => import('../commands/dev.ts'));
      await dev(options, terminal());
    });
  explain(
    dev,
    [['dev', 'then, in another terminal: gpu-clouds --settings .gpu-clouds/dev.env offers']],
    'One for each folder: a second one says where the first is.',
  );
}

const ways = {
  pause: 'pause the schedule until it is resumed',
  resume: 'resume the schedule',
  remove: 'remove the schedule',
} as const;

function addReaper(program: Command, { terminal, finish }: Pick<Context, 'terminal' | 'finish'>): void {
  const reaper = program.command('reaper').description('manage the schedule that destroys orphaned resources');

  const start = reaper
    .command('start')
    .description('start the schedule, or update the options of the existing one')
    .option('--every <duration>', 'time between two scans, at least 1s', durationText, '5m')
    .option(
      '--grace <duration>',
      'how long a resource must have been orphaned before it is destroyed',
      durationText,
      '10m',
    )
    .option('--dry-run', 'report orphans without destroying them')
    .addOption(json())
    .action(async (options) => {
      const { start } = await import('../commands/reaper.ts');
      await start(options, terminal());
    });
  explain(
    start,
    [['reaper start --every 5m --grace 10m', 'for the fleet in GPU_CLOUDS_FLEET']],
    `On each scan a worker lists the resources of every cloud. A resource that no live run owns on two scans, and for the grace period, is
destroyed. "gpu-clouds reap" scans once from this machine, also without Temporal.`,
  );

  const status = reaper
    .command('status')
    .description('show the schedule and the report of the latest scan')
    .addOption(json())
    .action(async (options) => {
      const { status } = await import('../commands/reaper.ts');
      await status(options, terminal());
    });
  explain(status, [['reaper status', 'when it scanned last, and what it found']]);

  const run = reaper
    .command('run')
    .description('scan now, also while paused, and show the report')
    .addOption(json())
    .action(async (options) => {
      const { run } = await import('../commands/reaper.ts');
      finish(await run(options, terminal()));
    });
  explain(run, [['reaper run', 'scan now, by a worker']]);

  for (const way of ['pause', 'resume', 'remove'] as const) {
    const changing = reaper
      .command(way)
      .description(ways[way])
      .addOption(json())
      .action(async (options) => {
        const { change } = await import('../commands/reaper.ts');
        await change(way, options, terminal());
      });
    explain(changing, [[`reaper ${way}`, ways[way]]]);
  }
}
