import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { withSettingsFile } from '../settings-file.ts';
import type { Terminal } from '../terminal.ts';
import { ownVersion } from '../version.ts';
import { addAgents } from './agent-program.ts';
import { addBatch } from './batch-program.ts';
import { addBudget } from './budget-program.ts';
import { addDashboard } from './dashboard-program.ts';
import type { Context } from './describe.ts';
import { addFleet } from './fleet-program.ts';
import { addLeases } from './lease-program.ts';
import { addOffers } from './offers-program.ts';
import { addRuns } from './run-program.ts';
import { addSchedules } from './schedule-program.ts';
import { addSetup } from './setup-program.ts';

/**
 * Defines all commands. What a command does is loaded when it is used, so that `--help` is quick.
 * @param argv The arguments that will be parsed.
 * @param finish Sets the exit code of the process.
 */
export function createProgram(
  argv: readonly string[],
  given: Terminal,
  finish: (exitCode: number) => void,
): CommandUnknownOpts {
  const program = new Command('gpu-clouds')
    .description(
      'Rent a GPU from whichever cloud has one, run something on it, and never pay for an instance you forgot.',
    )
    .version(ownVersion())
    // Not `--env-file`: Node itself would read it, and end the process if there is no such file.
    .option(
      '--settings <file>',
      'file of NAME=VALUE lines to read settings from; environment variables take precedence (default: GPU_CLOUDS_SETTINGS, else none)',
    )
    // Set before the subcommands are added, because they inherit it.
    .exitOverride()
    .configureHelp({ helpWidth: helpWidth(given) })
    .addHelpText(
      'after',
      '\n"gpu-clouds <command> --help" shows options and examples.\nNew here? "gpu-clouds dev" simulates four clouds. "gpu-clouds init" starts a project.',
    );
  const context: Context = {
    finish,
    terminal: () => withSettingsFile(given, program.opts().settings),
    command: argv.includes('--') ? argv.slice(argv.indexOf('--') + 1) : [],
  };
  program.commandsGroup('Find and run:');
  addOffers(program, context);
  addRuns(program, context);
  addBatch(program, context);
  addSchedules(program, context);
  program.commandsGroup('Instances to work on:');
  addLeases(program, context);
  program.commandsGroup('Operate:');
  addBudget(program, context);
  addFleet(program, context);
  addDashboard(program, context);
  program.commandsGroup('AI agents:');
  addAgents(program, context);
  program.commandsGroup('Set up:');
  addSetup(program, context);
  program.helpCommand('help [command]', 'show the help of a command');
  reportErrors(program, 'gpu-clouds', given);
  return program;
}

/** Gives usage errors of the command and its subcommands the same form as all other errors. */
function reportErrors(command: CommandUnknownOpts, name: string, terminal: Terminal): void {
  command.configureOutput({
    writeOut: (text) => terminal.out(text.replace(/\n$/, '')),
    writeErr: (text) => terminal.note(text.replace(/\n$/, '')),
    outputError: (text, write) => {
      const message = sentence(text);
      // A suggestion of its own is enough.
      write(`gpu-clouds: ${message}${message.includes('Run "') ? '' : ` Run "${name} --help" for usage.`}`);
    },
  });
  for (const child of command.commands) reportErrors(child, `${name} ${child.name()}`, terminal);
}

/** Returns commander's message, such as `error: unknown option '--x'\n(Did you mean --y?)`, as sentences. */
function sentence(text: string): string {
  const [first = '', ...rest] = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (one of )?(.+)\?\)$/, (_, several, meant) =>
      several === undefined ? `. Did you mean "${meant}"?` : `. Did you mean one of ${meant}?`,
    )
    .replace(/'/g, '"');
  const whole = first.toUpperCase() + rest.join('');
  return /[.?]$/.test(whole) ? whole : `${whole}.`;
}

function helpWidth({ columns = 100 }: Terminal): number {
  return Math.min(columns, 100);
}
