import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Terminal } from '../terminal.ts';

/** What every command's definition gets: the terminal that it runs on, and how it reports its exit code. */
export interface Context {
  /** Returns the terminal, with the variables of the settings file. */
  readonly terminal: () => Terminal;
  /** Sets the exit code of the process. Default: 0. */
  readonly finish: (exitCode: number) => void;
  /** The arguments behind `--`, which `run` and `exec` take as a command. Empty without `--`. */
  readonly command: readonly string[];
}

/** An example: the arguments behind `gpu-clouds`, and what they do. */
export type Example = readonly [args: string, meaning: string];

/** Shows notes and examples at the end of a command's help. */
export function explain(command: CommandUnknownOpts, examples: readonly Example[], notes?: string): void {
  command.addHelpText('after', () => {
    const help = command.createHelp();
    const wrapped = notes === undefined ? '' : `\n${help.boxWrap(notes, help.helpWidth ?? 80)}\n`;
    const lines = examples.map(([args, meaning]) => `  # ${meaning}\n  gpu-clouds ${args}`);
    return `${wrapped}\nExamples:\n${lines.join('\n')}`;
  });
}
