import { existsSync } from 'node:fs';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { mostSimilar } from '@gpu-clouds/clouds/pure';

/** Says "did you mean" to a mistyped subcommand, which would otherwise be taken for the file of the default subcommand. */
export function refuseMistyped(command: CommandUnknownOpts): void {
  command.hook('preSubcommand', ({ args: [word] }) => {
    const names = command
      .createHelp()
      .visibleCommands(command)
      .map((subcommand) => subcommand.name());
    if (word === undefined || names.includes(word) || existsSync(word)) return;
    const meant = mostSimilar(word, names);
    // The words of commander, which says the same where there is no default subcommand.
    if (meant !== undefined) command.error(`error: unknown command '${word}'\n(Did you mean ${meant}?)`);
  });
}
