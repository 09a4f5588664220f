import type { Command } from '@commander-js/extra-typings';
import { refuseMistyped } from './mistyped.ts';
import { atLeastOne, batchId, json, wholeNumber } from './option-values.ts';
import type { Terminal } from './terminal.ts';

const fileForms = `
The file is a batch, or with --items a job:

  job: { name: sweep, command: "python train.py", env: { EPOCHS: 3 } }   # as in a job file
  matrix: { LR: [0.1, 0.01], SEED: [1, 2, 3] }   # each combination is an item; or, one by one:
  items: [{ env: { LR: 0.1 } }, { env: { LR: 0.01 }, command: "python other.py" }]
  window: 20
  maxFailures: 5

A CSV file of items names variables in its first line; a JSON lines file has a mapping of variables a line.
The exit code is 0 when all items succeeded, 1 when one did not, and 130 when you left it running.`;

/** `gpu-clouds batch …` */
export function addBatch(program: Command, terminal: () => Terminal, finish: (exitCode: number) => void): void {
  const batch = program
    .command('batch')
    .description('run many variations of a job, a window of them at a time')
    .addHelpText(
      'after',
      '\n"gpu-clouds batch sweep.yaml" runs one: "gpu-clouds batch run --help" tells what is in the file.',
    );
  refuseMistyped(batch);

  batch
    .command('run', { isDefault: true })
    .description('start a batch and show it until the instances of all its items are gone')
    .argument('<file>', 'batch file, YAML or JSON; with --items, a job file')
    .option('--items <file>', "items' environment variables, CSV or JSON lines")
    .option('--id <id>', 'id of the batch; item 7 is the run <id>-7')
    .option('--window <n>', 'items at a time; 10 unless the file says otherwise', atLeastOne)
    .option('--max-failures <n>', 'with more failed items than this, start no further ones', wholeNumber)
    .option('--detach', 'print the id and return at once')
    .addOption(json())
    .addHelpText('after', fileForms)
    .action(async (file: string, options) => {
      const { runBatch } = await import('./commands/batch-run.ts');
      finish(await runBatch(file, options, terminal()));
    });

  batch
    .command('list')
    .description('list batches')
    .option('-a, --all', 'ended ones too')
    .option('--limit <n>', 'at most so many', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { list } = await import('./commands/batch-by-id.ts');
      await list(options, terminal());
    });

  batch
    .command('status')
    .description('tell how many items run, have ended and have failed')
    .addArgument(batchId())
    .addOption(json())
    .action(async (id: string, options) => {
      const { status } = await import('./commands/batch-by-id.ts');
      await status(id, options, terminal());
    });

  batch
    .command('results')
    .description('list the items that have ended so far, and how')
    .addArgument(batchId())
    .option('--failed', 'only those that did not succeed')
    .addOption(json())
    .action(async (id: string, options) => {
      const { results } = await import('./commands/batch-by-id.ts');
      await results(id, options, terminal());
    });

  batch
    .command('drain')
    .description('start no further items; those that run go on')
    .addArgument(batchId())
    .addOption(json())
    .action(async (id: string, options) => {
      const { drain } = await import('./commands/batch-by-id.ts');
      await drain(id, options, terminal());
    });

  batch
    .command('cancel')
    .description('cancel all runs of a batch and wait until their instances are gone')
    .addArgument(batchId())
    .option('--detach', 'return at once')
    .addOption(json())
    .action(async (id: string, options) => {
      const { cancel } = await import('./commands/batch-by-id.ts');
      finish(await cancel(id, options, terminal()));
    });
}
