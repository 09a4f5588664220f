import type { Command } from '@commander-js/extra-typings';
import {
  atLeastOne,
  durationText,
  id,
  json,
  pair,
  positive,
  repeated,
  runId,
  runState,
  since,
  waitTime,
  wholeNumber,
} from '../option-values.ts';
import { type Context, explain } from './describe.ts';
import { offerOptions } from './offer-options.ts';

/** Adds the commands for runs. */
export function addRuns(program: Command, { terminal, finish, command }: Context): void {
  const run = program
    .command('run')
    .usage('[options] <job.yaml | ->\n       gpu-clouds run [options] -- <command>')
    .description('rent an instance, run a job on it, show its output, and destroy the instance')
    .argument('[job...]', 'job file in YAML or JSON, or - to read it from standard input')
    .addOption(offerOptions.gpu('as in the job file, else any'))
    .addOption(offerOptions.memory())
    .addOption(offerOptions.region())
    .addOption(offerOptions.vendor())
    .addOption(offerOptions.maxPrice())
    .addOption(offerOptions.spot('as in the job file, else never'))
    .option(
      '--max-cost <usd>',
      'maximum cost of the run, in US dollars (default: as in the job file, else no limit)',
      positive,
    )
    .option(
      '--max-duration <duration>',
      'maximum time from the create call, at most 365d (default: as in the job file, else 24h)',
      durationText,
    )
    .option(
      '--wait <duration>',
      'how long to wait for an offer that fits, or for the budget (default: as in the job file, else not at all)',
      durationText,
    )
    .option('--upload <path[:to]>', 'file or folder to copy to the instance; repeat the option for several', repeated)
    .option(
      '--download <path[:to]>',
      'file or folder to bring back to the run store; repeat the option for several',
      repeated,
    )
    .option('--setup <script>', 'shell script that prepares the instance, such as "pip install torch"')
    .option('--env <name=value>', 'environment variable of the command; repeat the option for several', pair)
    .option(
      '--secret <name>',
      "variable of the worker's environment to pass on; repeat the option for several",
      repeated,
    )
    .option('--name <name>', 'name of the job (default: as in the job file, else from the command)')
    .option(
      '--tag <key=value>',
      'tag of the run, for "ps --tag" and "cost --by tag"; repeat the option for several',
      pair,
    )
    .option(
      '--on <lease>',
      'name of a lease to run on: nothing is rented, and runs share its GPUs (default: rent an instance)',
    )
    .option(
      '--gpus <n>',
      'number of GPUs that the run gets; of a lease, the others are free for other runs (default: as in the job file, else 1, or all of a lease)',
      atLeastOne,
    )
    .option('--id <id>', 'ID of the run (default: the name and six random characters)')
    .option('--detach', 'print the ID and return immediately')
    .option('--dry-run', 'show what would be rented and its price, and start nothing')
    .option('-y, --yes', 'do not ask before spending')
    .addOption(json())
    .action(async (operands: string[], options) => {
      const { run } = await import('../commands/run.ts');
      const files = operands.slice(0, operands.length - command.length);
      finish(await run({ files, command }, options, terminal()));
    });
  explain(
    run,
    [
      ['run job.yaml', 'run a job file'],
      ['run --gpu A100 --upload . --download model.bin -- python train.py', 'run a command'],
      ['run job.yaml --gpu H100,H200 --max-cost 10 --yes', 'other GPUs, no question'],
      ['run job.yaml --dry-run', 'only show offers, price, and cap'],
      ['run --on my-lease --gpus 2 -- python eval.py', 'on 2 GPUs of a lease, beside other runs'],
    ],
    `Exits with the exit code of the command, or with 1 if the run fails before the command ends. Ctrl-C asks whether to detach, stop, or cancel.
Uploads go to the same path on the instance, below the home folder, in which the command runs.`,
  );

  const ps = program
    .command('ps')
    .description('list runs with their instances and their cost so far')
    .option('-a, --all', 'include ended runs')
    .option(
      '--state <state>',
      'phase or outcome, such as running, failed, or succeeded; implies --all (default: any)',
      runState,
    )
    .option('--tag <key=value>', 'tag that the runs have; repeat the option for several (default: any)', pair)
    .option(
      '--since <when>',
      'runs that started since then: 2h, 7d, or 2026-11-20; implies --all (default: any time)',
      since,
    )
    .option('--limit <n>', 'maximum number of runs to list', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { ps } = await import('../commands/ps.ts');
      await ps(options, terminal());
    });
  explain(ps, [
    ['ps', 'what runs and bills now'],
    ['ps --since 7d --state failed', 'what failed this week'],
  ]);

  const show = program
    .command('show')
    .description('show the timeline, instances, failovers, and cost by phase of a run, or the state of a lease')
    .argument('<id>', 'ID of a run or name of a lease', id)
    .addOption(json())
    .action(async (id: string, options) => {
      const { show } = await import('../commands/show.ts');
      await show(id, options, terminal());
    });
  explain(show, [['show train-1a2b3c', 'also long after its instance is gone']]);

  const logs = program
    .command('logs')
    .description('print the output of a run')
    .addArgument(runId())
    .option('-f, --follow', 'wait for more output until the run has ended')
    .option('--tail <n>', 'print only the last lines (default: all)', wholeNumber)
    .option('--since <when>', 'print only what arrived since then: 5m, or 2026-11-20T10:00Z (default: all)', since)
    .option('--node <n>', 'print only the output of this node, from 0 (default: all nodes)', wholeNumber)
    .option(
      '--attempt <n>',
      'print only the output of this attempt of the command, from 1 (default: the latest; with --follow, also later ones)',
      atLeastOne,
    )
    .addOption(json())
    .action(async (id: string, options) => {
      const { logs } = await import('../commands/logs.ts');
      await logs(id, options, terminal());
    });
  explain(logs, [
    ['logs train-1a2b3c --tail 100 --follow', 'the last 100 lines, then what comes'],
    ['logs train-1a2b3c --since 5m', 'what arrived in the last five minutes'],
    ['logs train-1a2b3c > train.log', 'byte for byte'],
  ]);

  const outputs = program
    .command('outputs')
    .description('list the files that a run brought back, or copy them to a folder')
    .addArgument(runId())
    .option('--to <folder>', 'folder to copy the files to (default: only list them)')
    .addOption(json())
    .action(async (id: string, options) => {
      const { outputs } = await import('../commands/outputs.ts');
      await outputs(id, options, terminal());
    });
  explain(outputs, [['outputs train-1a2b3c --to results', 'copy all files to the folder results']]);

  const ways = {
    stop: "end a run's command, bring its files back, and wait until its instance is gone",
    cancel: 'end a run immediately, without its files, and wait until its instance is gone',
  } as const;
  for (const way of ['stop', 'cancel'] as const) {
    const ending = program
      .command(way)
      .description(ways[way])
      .addArgument(runId())
      .option('--detach', 'return immediately, before the instance is gone')
      .addOption(json())
      .action(async (id: string, options) => {
        const { end } = await import('../commands/end.ts');
        finish(await end(id, way, options, terminal()));
      });
    explain(ending, [[`${way} train-1a2b3c`, 'succeeds as well if the run has already ended']]);
  }

  const wait = program
    .command('wait')
    .description('wait until a run has ended and its instances are gone')
    .addArgument(runId())
    .option(
      '--timeout <duration>',
      'exit with 7 if the run has not ended after this long, at most 24d (default: no limit)',
      waitTime,
    )
    .addOption(json())
    .action(async (id: string, options) => {
      const { wait } = await import('../commands/wait.ts');
      finish(await wait(id, options, terminal()));
    });
  explain(
    wait,
    [['wait train-1a2b3c --timeout 2h', 'in a script, after "run --detach"']],
    'Exits with the exit code of the command, or with 1 if the run failed before it ended.',
  );

  const upload = program
    .command('upload')
    .description('upload a folder or file to the run store, and print the ID to use as files.up[].input in jobs')
    .argument('<path>', 'folder or file')
    .addOption(json())
    .action(async (path: string, options) => {
      const { upload } = await import('../commands/upload.ts');
      await upload(path, options, terminal());
    });
  explain(upload, [['upload data', 'the same content has the same ID']]);
}
