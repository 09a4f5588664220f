import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import { vendors } from '@gpu-clouds/clouds';
import { addBatch } from './batch-program.ts';
import { CliError } from './cli-error.ts';
import { addLease } from './lease-program.ts';
import { atLeastOne, gpuNames, json, port, positive, runId, wholeNumber } from './option-values.ts';
import { loadOptional } from './optional-package.ts';
import { addReaper } from './reaper-program.ts';
import type { Terminal } from './terminal.ts';

/**
 * The command: reads the arguments, runs one subcommand, says what went wrong in one message.
 * @returns the exit code: 0, what the job's command ended with, 1 on failure, 2 on wrong usage, 130 when interrupted
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = commands(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (terminal.signal.aborted) return 130;
    terminal.note(`gpu-clouds: ${messageOf(error, terminal)}`);
    return 1;
  }
}

function commands(given: Terminal, finish: (exitCode: number) => void) {
  const program = new Command('gpu-clouds')
    .description(
      'Rent a GPU from whichever cloud has one, run something on it, and never pay for an instance you forgot.',
    )
    .version(ownVersion())
    .option('--env-file <file>', 'read settings from a file of NAME=VALUE lines; the environment wins')
    // Before the subcommands, which inherit it.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => given.out(text.replace(/\n$/, '')),
      writeErr: (text) => given.note(text.replace(/\n$/, '')),
    })
    .showHelpAfterError('(--help shows what is possible)');
  const terminal = (): Terminal => {
    const { envFile } = program.opts();
    return envFile === undefined ? given : { ...given, env: { ...readEnvFile(envFile), ...given.env } };
  };
  // Subcommands are loaded when they are used: Temporal's client is not needed to list offers.

  program
    .command('offers')
    .description('list what can be rented now over all clouds, cheapest first')
    .option('--gpu <name[:count]>', 'only this GPU, for instance H100:8; several by comma or by repetition', gpuNames)
    .option('--count <n>', 'GPUs in the instance, where --gpu carries no count', atLeastOne)
    .addOption(new Option('--vendor <name...>', 'only these clouds').choices([...vendors]))
    .option('--max-price <dollars>', 'US dollars an hour for the whole instance', positive)
    .addOption(new Option('--spot <which>', 'instances the cloud may take back').choices(['allow', 'only', 'never']))
    .option('--limit <n>', 'show so many', atLeastOne)
    .addOption(json())
    .action(async (options) => {
      const { offers } = await import('./commands/offers.ts');
      await offers(options, terminal());
    });

  program
    .command('run')
    .description('run a job and show it until its instance is gone')
    .argument('<job>', 'job file, YAML or JSON')
    .option('--id <id>', 'id of the run')
    .option('--detach', 'print the id and return at once')
    .addOption(json())
    .action(async (job: string, options) => {
      const { run } = await import('./commands/run.ts');
      finish(await run(job, options, terminal()));
    });

  program
    .command('ps')
    .description('list runs, with their instance and cost so far')
    .option('-a, --all', 'ended runs too')
    .option('--limit <n>', 'at most so many', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { ps } = await import('./commands/ps.ts');
      await ps(options, terminal());
    });

  program
    .command('logs')
    .description('print the output of a run')
    .addArgument(runId())
    .option('-f, --follow', 'go on until the run has ended')
    .addOption(json())
    .action(async (id: string, options) => {
      const { logs } = await import('./commands/logs.ts');
      await logs(id, options, terminal());
    });

  const ways = {
    stop: "ask a run's command to end, bring its files back, and wait until its instance is gone",
    cancel: 'end a run now and wait until its instance is gone',
  } as const;
  for (const way of ['stop', 'cancel'] as const) {
    program
      .command(way)
      .description(ways[way])
      .addArgument(runId())
      .option('--detach', 'return at once')
      .addOption(json())
      .action(async (id: string, options) => {
        const { end } = await import('./commands/end.ts');
        await end(id, way, options, terminal());
      });
  }

  addBatch(program, terminal, finish);
  addLease(program, terminal, finish);

  program
    .command('reap')
    .description('destroy instances, keys, volumes and job deployments of this fleet that no live run owns')
    .option('--dry-run', 'only show them')
    .option('--grace <duration>', 'how long they must have been unclaimed', '10m')
    .option('--force', 'destroy at first sight')
    .option('--no-temporal', 'ask no Temporal server who owns what')
    .addOption(json())
    .action(async (options) => {
      const { reap } = await import('./commands/reap.ts');
      finish(await reap(options, terminal()));
    });

  addReaper(program, terminal, finish);

  program
    .command('worker')
    .description('serve jobs until stopped, and have Temporal look for what nobody owns')
    .option('--metrics-port <n>', 'serve Prometheus metrics on this port of loopback', port)
    .option('--health-port <n>', 'serve /health on this port of loopback', port)
    .option('--build-id <id>', 'version of this worker; runs stay with the version they began on')
    .option('--no-reaper', 'leave the schedule that cleans up as it is')
    .addOption(json())
    .action(async (options) => {
      const { worker } = await loadOptional('@gpu-clouds/workflows', () => import('./commands/worker.ts'));
      await worker(options, terminal());
    });

  program
    .command('dev')
    .description('run Temporal, four simulated clouds and a worker on this machine')
    .option('--port <n>', 'port of Temporal; any free one by default', port)
    .option('--seed <n>', 'seed of the simulators', wholeNumber)
    .option('--no-ui', "leave out Temporal's web interface")
    .addOption(json())
    .action(async (options) => {
      const { dev } = await loadOptional('@gpu-clouds/dev', () => import('./commands/dev.ts'));
      await dev(options, terminal());
    });
  return program;
}

/** The package's own folder is above the sources as it is above what is built from them. */
function ownVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return version;
}

function readEnvFile(file: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch {
    throw new CliError(`The settings file ${file} cannot be read.`);
  }
}

/** Every error of ours says what happened and what to do; a stack is for those who ask for it. */
function messageOf(error: unknown, terminal: Terminal): string {
  if (!(error instanceof Error)) return String(error);
  return terminal.env.GPU_CLOUDS_DEBUG && error.stack !== undefined ? error.stack : error.message;
}
