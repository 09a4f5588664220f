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
 * Parses the arguments, runs one subcommand, and reports an error as one message.
 * @returns the exit code: 0 on success, the exit code of the job's command, 1 on failure, 2 on incorrect usage, 130 when interrupted
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
      'Run jobs on the cheapest available GPU across several clouds, and destroy every instance when its job ends.',
    )
    .version(ownVersion())
    .option(
      '--env-file <file>',
      'file of NAME=VALUE lines to read settings from; environment variables take precedence',
    )
    // Set before the subcommands are added, because they inherit it.
    .exitOverride()
    .configureOutput({
      writeOut: (text) => given.out(text.replace(/\n$/, '')),
      writeErr: (text) => given.note(text.replace(/\n$/, '')),
    })
    .showHelpAfterError('(add --help to see the usage)');
  const terminal = (): Terminal => {
    const { envFile } = program.opts();
    return envFile === undefined ? given : { ...given, env: { ...readEnvFile(envFile), ...given.env } };
  };
  // Subcommands are loaded on use: listing offers does not need the Temporal client.

  program
    .command('offers')
    .description('list available offers of all clouds, cheapest first')
    .option(
      '--gpu <name[:count]>',
      'GPU and how many, for example H100:8; separate several with commas or repeat the option (default: all)',
      gpuNames,
    )
    .option('--count <n>', 'number of GPUs in the instance, for GPU names without a count (default: any)', atLeastOne)
    .addOption(
      new Option('--vendor <name...>', 'clouds to search (default: all with credentials)').choices([...vendors]),
    )
    .option(
      '--max-price <dollars>',
      'maximum price of the whole instance, in US dollars per hour (default: no limit)',
      positive,
    )
    .addOption(
      new Option('--spot <which>', 'spot instances, which the cloud can take back (default: allow)').choices([
        'allow',
        'only',
        'never',
      ]),
    )
    .option('--limit <n>', 'maximum number of offers to list (default: no limit)', atLeastOne)
    .addOption(json())
    .action(async (options) => {
      const { offers } = await import('./commands/offers.ts');
      await offers(options, terminal());
    });

  program
    .command('run')
    .description('run a job and show its output until its instance is gone')
    .argument('<job>', 'job file in YAML or JSON')
    .option('--id <id>', 'ID of the run (default: generated)')
    .option('--detach', 'print the ID and return immediately')
    .addOption(json())
    .action(async (job: string, options) => {
      const { run } = await import('./commands/run.ts');
      finish(await run(job, options, terminal()));
    });

  program
    .command('upload')
    .description('upload a folder or file to the run store, and print the ID to use as files.up[].input in jobs')
    .argument('<path>', 'folder or file')
    .addOption(json())
    .action(async (path: string, options) => {
      const { upload } = await import('./commands/upload.ts');
      await upload(path, options, terminal());
    });

  program
    .command('ps')
    .description('list runs with their instances and their cost so far')
    .option('-a, --all', 'include ended runs')
    .option('--limit <n>', 'maximum number of runs to list', atLeastOne, 20)
    .addOption(json())
    .action(async (options) => {
      const { ps } = await import('./commands/ps.ts');
      await ps(options, terminal());
    });

  program
    .command('logs')
    .description('print the output of a run')
    .addArgument(runId())
    .option('-f, --follow', 'wait for more output until the run has ended')
    .addOption(json())
    .action(async (id: string, options) => {
      const { logs } = await import('./commands/logs.ts');
      await logs(id, options, terminal());
    });

  program
    .command('outputs')
    .description('list the files that a run brought back, or copy them to a folder')
    .addArgument(runId())
    .option('--to <folder>', 'folder to copy the files to (default: only list them)')
    .addOption(json())
    .action(async (id: string, options) => {
      const { outputs } = await import('./commands/outputs.ts');
      await outputs(id, options, terminal());
    });

  const ways = {
    stop: "stop a run's command, collect its files, and wait until its instance is gone",
    cancel: 'end a run immediately, and wait until its instance is gone',
  } as const;
  for (const way of ['stop', 'cancel'] as const) {
    program
      .command(way)
      .description(ways[way])
      .addArgument(runId())
      .option('--detach', 'return immediately, before the instance is gone')
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
    .description('destroy overdue and orphaned instances, keys, volumes, and job deployments once')
    .option('--dry-run', 'list the orphans without destroying them')
    .option(
      '--grace <duration>',
      'how long a resource must be orphaned or past its deadline before it is destroyed',
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
      const { reap } = await import('./commands/reap.ts');
      finish(await reap(options, terminal()));
    });

  addReaper(program, terminal, finish);

  program
    .command('worker')
    .description('serve jobs until stopped, and start the reaper of a named fleet')
    .option('--metrics-port <n>', 'port on 127.0.0.1 that serves Prometheus metrics (default: not served)', port)
    .option('--health-port <n>', 'port on 127.0.0.1 that serves /health (default: not served)', port)
    .option(
      '--build-id <id>',
      'build ID of this worker; a run stays on the build ID it started on (default: GPU_CLOUDS_BUILD_ID, else none)',
    )
    .option('--no-reaper', 'do not start or update the reaper schedule')
    .addOption(json())
    .action(async (options) => {
      const { worker } = await loadOptional('@gpu-clouds/workflows', () => import('./commands/worker.ts'));
      await worker(options, terminal());
    });

  program
    .command('dev')
    .description('run Temporal, four simulated clouds, and a worker on this machine')
    .option('--port <n>', 'port of Temporal (default: any free port)', port)
    .option('--seed <n>', 'seed of the simulated clouds', wholeNumber)
    .option('--no-ui', "do not serve Temporal's web interface")
    .addOption(json())
    .action(async (options) => {
      const { dev } = await loadOptional('@gpu-clouds/dev', () => import('./commands/dev.ts'));
      await dev(options, terminal());
    });
  return program;
}

/** Reads the version of this package. `package.json` is one level above both `src` and `dist`. */
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
    throw new CliError(`Cannot read the settings file ${file}. Check the path given to --env-file.`);
  }
}

/** Returns the message of an error, or its stack trace when GPU_CLOUDS_DEBUG is set. */
function messageOf(error: unknown, terminal: Terminal): string {
  if (!(error instanceof Error)) return String(error);
  return terminal.env.GPU_CLOUDS_DEBUG && error.stack !== undefined ? error.stack : error.message;
}
