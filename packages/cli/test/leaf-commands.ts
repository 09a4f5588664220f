import { createProgram } from '../src/program/program.ts';
import { recordingTerminal } from './recording-terminal.ts';

export interface LeafCommand {
  /** Its words, such as `batch run`. */
  readonly name: string;
  /** Its long options. */
  readonly options: readonly string[];
}

/** Returns every command without subcommands. */
export function leafCommands(
  command = createProgram([], recordingTerminal({}), () => undefined),
  words: readonly string[] = [],
): readonly LeafCommand[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((child) => {
      const name = [...words, child.name()];
      if (child.commands.length > 0) return leafCommands(child, name);
      if (child.name() === 'help') return [];
      return [{ name: name.join(' '), options: child.options.flatMap(({ long }) => long ?? []) }];
    });
}

/** Returns the name of the command that arguments begin with, or undefined if there is none. */
export function commandOf(argv: readonly string[]): string | undefined {
  const text = `${argv.join(' ')} `;
  return leafCommands().find(({ name }) => text.startsWith(`${name} `))?.name;
}
