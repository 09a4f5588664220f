import type { Command } from '@commander-js/extra-typings';
import { atLeastOne, batchId, json, wholeNumber } from '../option-values.ts';
import { type Context, explain } from './describe.ts';

const fileForms = `<file> is a batch file. With --items it is a job file. A batch file looks like this:

  job: { name: sweep, command: "python train.py", env: { EPOCHS: 3 } }
  matrix: { LR: [0.1, 0.01], SEED: [1, 2, 3] }
  window: 20
  maxFailures: 5

"job" is as in a job file. "matrix" makes one item of each combination. Or list the items instead:

  items:
    - env: { LR: 0.1 }
    - { env: { LR: 0.01 }, command: "python other.py" }

With --items, a CSV file names the variables in its first line. A JSON Lines file has one object of variables per line.
Exit codes: 0 if every item succeeded, 1 if an item did not succeed, 130 if you interrupted the command and the batch continues.`;

/** Adds `gpu-clouds batch` and its subcommands. */
export function addBatch(program: Command, { terminal, finish }: Context): void {
  const batch = program.command('batch').description('run many variations of a job, a limited number at a time');

  const run = batch
    .command('run')
    .description('start a batch and show its progress until the instances of all items are gone')
    .argument('<file>', 'batch file in YAML or JSON; with --items, a job file')
    .option('--items <file>', "file with each item's environment variables, CSV or JSON Lines")
    .option('--id <id>', 'ID of the batch; item 7 becomes the run <id>-7 (default: generated)')
    .option(
      '--window <n>',
      'maximum number of items that run at the same time (default: as in the file, else 10)',
      atLeastOne,
    )
    .option(
      '--max-failures <n>',
      'stop starting items once more than this many have failed (default: as in the file, else no limit)',
      wholeNumber,
    )
    .option('--detach', 'print the ID and return immediately')
    .option('-y, --yes', 'do not ask before spending')
    .addOption(json())
    .action(async (file: string, options) => {
      const { runBatch } = await import('../commands/batch-run.ts');
      finish(await runBatch(file, options, terminal()));
    });
  explain(
    run,
    [
      ['batch run sweep.yaml', 'run a batch file'],
      ['batch run job.yaml --items seeds.csv --window 50', 'one run for each line'],
    ],
    fileForms,
  );

  const list = batch
    .command('list')
    .description('list batches')
    .option('-a, --all', 'include ended batches')
    .option('--limit <n>', 'maximum number of batches to list', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { list } = await import('../commands/batch-by-id.ts');
      await list(options, terminal());
    });
  explain(list, [['batch list --all', 'with ended ones']]);

  const status = batch
    .command('status')
    .description('show how many items are running, have ended, and have failed')
    .addArgument(batchId())
    .addOption(json())
    .action(async (id: string, options) => {
      const { status } = await import('../commands/batch-by-id.ts');
      await status(id, options, terminal());
    });
  explain(status, [['batch status sweep', 'of the batch "sweep"']]);

  const results = batch
    .command('results')
    .description('list the items that have ended, with their variables and outcomes')
    .addArgument(batchId())
    .option('--failed', 'list only the items that did not succeed')
    .addOption(json())
    .action(async (id: string, options) => {
      const { results } = await import('../commands/batch-by-id.ts');
      await results(id, options, terminal());
    });
  explain(results, [['batch results sweep --failed', 'which variables failed, and why']]);

  const drain = batch
    .command('drain')
    .description('stop starting items; running items continue')
    .addArgument(batchId())
    .addOption(json())
    .action(async (id: string, options) => {
      const { drain } = await import('../commands/batch-by-id.ts');
      await drain(id, options, terminal());
    });
  explain(drain, [['batch drain sweep', 'let what runs come to its end']]);

  const cancel = batch
    .command('cancel')
    .description('cancel all runs of a batch and wait until their instances are gone')
    .addArgument(batchId())
    .option('--detach', 'return immediately, before the instances are gone')
    .addOption(json())
    .action(async (id: string, options) => {
      const { cancel } = await import('../commands/batch-by-id.ts');
      finish(await cancel(id, options, terminal()));
    });
  explain(cancel, [['batch cancel sweep', 'end all of its runs now']]);
}
