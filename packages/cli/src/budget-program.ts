import type { Command } from '@commander-js/extra-typings';
import { budgetLimit, json } from './option-values.ts';
import type { Terminal } from './terminal.ts';

const about = `
A budget limits what all runs and leases of the fleet (GPU_CLOUDS_FLEET) may spend in a day or month, in UTC. Each instance reserves
money before it is created: its maxCost, or one hour at a time. What does not fit is refused.

Examples:
  gpu-clouds budget set 50/day
  gpu-clouds budget set 10/day --account agent
  gpu-clouds budget off`;

const account = '--account <name>';

/** Adds `gpu-clouds budget` and its subcommands. */
export function addBudget(program: Command, terminal: () => Terminal): void {
  const budget = program
    .command('budget')
    .description('limit what the fleet may spend per day or month')
    .addHelpText('after', about);

  budget
    .command('show', { isDefault: true })
    .description('show what is spent, reserved, and left')
    .addOption(json())
    .action(async (options) => {
      const { show } = await import('./commands/budget.ts');
      await show(options, terminal());
    });

  budget
    .command('set')
    .description('set the budget, also while instances exist')
    .argument('<limit>', 'US dollars per day or month, for example 50/day', budgetLimit)
    .option(account, 'limit only the runs and leases of this account (default: the whole fleet)')
    .addOption(json())
    .action(async (limit, options) => {
      const { set } = await import('./commands/budget.ts');
      await set(limit, options, terminal());
    });

  budget
    .command('off')
    .description('remove the budget')
    .option(account, 'remove the limit of this account (default: that of the whole fleet)')
    .addOption(json())
    .action(async (options) => {
      const { off } = await import('./commands/budget.ts');
      await off(options, terminal());
    });
}
