import type { Command } from '@commander-js/extra-typings';
import { budgetLimit, json } from '../option-values.ts';
import { type Context, explain } from './describe.ts';

const account = '--account <name>';

/** Adds `gpu-clouds budget` and its subcommands. */
export function addBudget(program: Command, { terminal }: Context): void {
  const budget = program.command('budget').description('limit what the fleet may spend per day or month');

  const show = budget
    .command('show', { isDefault: true })
    .description('show what is spent, reserved, and left')
    .addOption(json())
    .action(async (options) => {
      const { show } = await import('../commands/budget.ts');
      await show(options, terminal());
    });
  explain(show, [['budget show', 'what is left of the current period']]);

  const set = budget
    .command('set')
    .description('set the budget, also while instances exist')
    .argument('<limit>', 'US dollars per day or month in UTC, for example 50/day', budgetLimit)
    .option(account, 'limit only the runs and leases that code starts for this account (default: the whole fleet)')
    .addOption(json())
    .action(async (limit, options) => {
      const { set } = await import('../commands/budget.ts');
      await set(limit, options, terminal());
    });
  explain(
    set,
    [
      ['budget set 50/day', 'the whole fleet'],
      ['budget set 10/day --account agent', 'one account'],
    ],
    `Each instance reserves money before it is created: its maxCost, or one hour at a time. A run that does not fit fails, unless it waits with
"run --wait".
Instances that exist when the first budget is set count too. Each keeps an hour, and is destroyed after it if there is no room.`,
  );

  const off = budget
    .command('off')
    .description('remove the budget')
    .option(account, 'remove the limit of this account (default: that of the whole fleet)')
    .addOption(json())
    .action(async (options) => {
      const { off } = await import('../commands/budget.ts');
      await off(options, terminal());
    });
  explain(off, [['budget off', 'no limit from now on']]);
}
