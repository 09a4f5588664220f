import { Argument, type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { json, plainName, port, repeated } from '../option-values.ts';
import { loadOptional } from '../optional-package.ts';
import { type Context, explain } from './describe.ts';

const packageName = '@gpu-clouds/server';

/** Adds `gpu-clouds dashboard` and `gpu-clouds tokens`. */
export function addDashboard(program: Command, { terminal }: Context): void {
  const dashboard = program
    .command('dashboard')
    .description('serve the dashboard and its HTTP API until stopped, and print its address with a token')
    .option('--port <n>', 'port to listen on (default: any free port)', port)
    .option('--host <address>', 'address to listen on; any but a loopback address needs tokens', '127.0.0.1')
    .option('--allow-host <name>', 'host name that requests may be for; repeat the option for several', repeated)
    .option(
      '--temporal-ui <url>',
      "address of Temporal's web interface, which may then use the codec at /codec/TOKEN (default: none)",
      webAddress,
    )
    .addOption(json())
    .action(async (options) => {
      const { dashboard } = await loadOptional(packageName, () => import('../commands/dashboard.ts'));
      await dashboard(options, terminal());
    });
  explain(
    dashboard,
    [
      ['dashboard', 'open the printed address'],
      ['dashboard --host 0.0.0.0 --port 8300 --allow-host gpus.example.com', 'behind a proxy with HTTPS'],
    ],
    `Requires the package ${packageName}. On a loopback address a new token that may do everything is made at each start. On any other address
only the tokens of "gpu-clouds tokens add" are accepted. The server speaks HTTP: put a proxy with HTTPS before it.`,
  );

  const tokens = program.command('tokens').description('manage the tokens of the dashboard and its HTTP API');
  const add = tokens
    .command('add')
    .description('add a token and print it once')
    .addArgument(new Argument('<name>', 'its name: up to 60 letters, digits, and hyphens').argParser(plainName))
    .addOption(
      new Option('--scope <scope>', 'read: see everything; run: see and end the runs with the tag owner=NAME')
        .choices(['read', 'run'] as const)
        .default('read' as const),
    )
    .addOption(json())
    .action(async (name, options) => {
      const { add } = await loadOptional(packageName, () => import('../commands/tokens.ts'));
      await add(name, options, terminal());
    });
  explain(
    add,
    [
      ['tokens add wall-screen', 'may see everything'],
      ['tokens add ada --scope run', 'may see and end the runs that were started with --tag owner=ada'],
    ],
    'The run store has only the SHA-256 of a token.',
  );

  const list = tokens
    .command('list')
    .description('list the tokens, without their secrets')
    .addOption(json())
    .action(async (options) => {
      const { list } = await loadOptional(packageName, () => import('../commands/tokens.ts'));
      await list(options, terminal());
    });
  explain(list, [['tokens list', 'names, scopes, and when they were added']]);

  const remove = tokens
    .command('remove')
    .description('remove a token')
    .addArgument(new Argument('<name>', 'its name, as listed by "gpu-clouds tokens list"').argParser(plainName))
    .addOption(json())
    .action(async (name, options) => {
      const { remove } = await loadOptional(packageName, () => import('../commands/tokens.ts'));
      await remove(name, options, terminal());
    });
  explain(remove, [['tokens remove ada', 'servers refuse it within five seconds']]);
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:/.test(text)) return text;
  throw new InvalidArgumentError('It must be an address such as http://localhost:8233.');
}
