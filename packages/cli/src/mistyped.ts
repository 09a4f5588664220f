import { existsSync } from 'node:fs';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { mostSimilar } from '@gpu-clouds/clouds/pure';

/** Rejects a mistyped subcommand with a suggestion. Otherwise it would be read as the file argument of the default subcommand. */
export function refuseMistyped(command: CommandUnknownOpts): void {
  command.hook('preSubcommand', ({ args: [word] }) => {
    const names = command
      .createHelp()
      .visibleCommands(command)
      .map((subcommand) => subcommand.name());
    if (word === undefined || names.includes(word) || existsSync(word)) return;
    const meant = mostSimilar(word, names);
    // The same text as commander uses for commands without a default subcommand.
    if (meant !== undefined) command.error(`error: unknown command '${word}'\n(Did you mean ${meant}?)`);
  });
}
