import type { Command } from '@commander-js/extra-typings';
import { agentAccount, budgetLimit, nameList, repeated, usd } from '../option-values.ts';
import { loadOptional } from '../optional-package.ts';
import { type Context, explain } from './describe.ts';

/** Adds the commands for AI agents. */
export function addAgents(program: Command, { terminal, finish }: Context): void {
  const mcp = program
    .command('mcp')
    .description(
      'serve tools for an AI agent on standard input and output (Model Context Protocol); read-only by default',
    )
    .option('--allow-spend', 'let the agent start and end runs and leases; requires --max-cost and --budget')
    .option(
      '--max-cost <usd>',
      'maximum cost in US dollars of a run or lease without approval of a person; 0 asks for each',
      usd,
    )
    .option(
      '--budget <limit>',
      'what the agent may spend in total, in US dollars per day or month in UTC, for example 20/day',
      budgetLimit,
    )
    .option(
      '--account <name>',
      "account of the fleet's budget; servers with the same account share it; it begins with mcp",
      agentAccount,
      'mcp',
    )
    .option('--secrets <names>', 'secrets that jobs may name, separated by commas (default: none)', nameList)
    .option(
      '--allow-upload <folder>',
      'folder that jobs may upload files from; repeat the option for several (default: none)',
      repeated,
    )
    .action(async (options) => {
      const { mcp } = await loadOptional('@modelcontextprotocol/server', () => import('../commands/mcp.ts'));
      await mcp(options, terminal());
    });
  explain(
    mcp,
    [
      ['mcp', 'only read: offers, quotes, runs, and their output'],
      [
        'mcp --allow-spend --max-cost 2 --budget 20/day --allow-upload .',
        'start what costs at most $2, ask for the rest',
      ],
    ],
    `Requires the package @modelcontextprotocol/server. Every run and lease has a maximum cost, and all of them together count to the account of
the budget, which the fleet's ledger enforces, whatever the agent does.
The server never raises a limit of the account that is lower than --budget. Use "budget set" for that.`,
  );

  const approve = program
    .command('approve')
    .description('show a quote that an AI agent made, and approve it')
    .argument('<quote>', 'ID of the quote, as the agent reports it')
    .action(async (quote: string) => {
      const { approve } = await import('../commands/approve.ts');
      finish(await approve(quote, terminal()));
    });
  explain(approve, [['approve q0123456789abcdef01234567', 'asks, and needs a terminal']]);
}
