import { Argument, type Command } from '@commander-js/extra-typings';
import { json } from '../option-values.ts';
import { type Context, explain } from './describe.ts';

/** Adds the commands that set gpu-clouds up. */
export function addSetup(program: Command, { terminal, finish }: Context): void {
  const init = program
    .command('init')
    .description('write a job file, a .env file with a master secret, and an ignore file into this folder')
    .option('-y, --yes', 'ask nothing, and use the defaults')
    .addOption(json())
    .action(async (options) => {
      const { init } = await import('../commands/init.ts');
      finish(await init(options, terminal()));
    });
  explain(init, [['init', 'asks for the GPU and the command']], 'Existing files are kept.');

  const doctor = program
    .command('doctor')
    .description('check credentials, clouds, Temporal, secrets, clock, and versions, and say how to fix each problem')
    .addOption(json())
    .action(async (options) => {
      const { doctor } = await import('../commands/doctor.ts');
      finish(await doctor(options, terminal()));
    });
  explain(doctor, [['doctor', 'exits with 1 if something needs a fix']]);

  const config = program
    .command('config')
    .description('show the settings that are in force and where each comes from; secrets are masked')
    .addOption(json())
    .action(async (options) => {
      const { config } = await import('../commands/config.ts');
      await config(options, terminal());
    });
  explain(config, [['config', 'also of a file: gpu-clouds --settings prod.env config']]);

  const completion = program
    .command('completion')
    .description('print a script that completes commands, options, and names in your shell')
    .addArgument(new Argument('<shell>', 'your shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell) => {
      const { completion } = await import('../commands/completion.ts');
      completion(shell, terminal());
    });
  explain(completion, [
    ['completion bash >> ~/.bashrc', 'then open a new terminal'],
    ['completion fish > ~/.config/fish/completions/gpu-clouds.fish', 'for fish'],
  ]);

  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (words: string[]) => {
      const { complete } = await import('../commands/completion.ts');
      await complete(program, words, terminal());
    });
}
