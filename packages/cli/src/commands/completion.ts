import { setTimeout as delay } from 'node:timers/promises';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import type { Terminal } from '../terminal.ts';

const scripts = {
  bash: `_gpu_clouds() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(gpu-clouds __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gpu_clouds gpu-clouds`,
  zsh: `#compdef gpu-clouds
_gpu_clouds() {
  local -a found
  found=("\${(@f)$(gpu-clouds __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- $found
  [[ \${#found} -gt 0 ]] || _files
}
compdef _gpu_clouds gpu-clouds`,
  fish: `function __gpu_clouds_complete
  set -l words (commandline -opc)
  gpu-clouds __complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c gpu-clouds -a '(__gpu_clouds_complete)'`,
} as const;

/** Prints the completion script of a shell. */
export function completion(shell: keyof typeof scripts, { out }: Terminal): void {
  out(scripts[shell]);
}

/** Milliseconds to look for names of runs and leases. */
const maxWaitMs = 1500;

/**
 * Prints what the last of the words may become, one candidate a line.
 * @param words The words behind `gpu-clouds`. The last one is being typed and may be empty.
 */
export async function complete(
  program: CommandUnknownOpts,
  words: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const current = words.at(-1) ?? '';
  let command = program;
  for (const word of words.slice(0, -1)) command = command.commands.find((one) => one.name() === word) ?? command;
  for (const candidate of await candidates(command, words, current, terminal))
    if (candidate.startsWith(current)) terminal.out(candidate);
}

async function candidates(
  command: CommandUnknownOpts,
  words: readonly string[],
  current: string,
  terminal: Terminal,
): Promise<readonly string[]> {
  const help = command.createHelp();
  const before = words.at(-2);
  const option = command.options.find(
    ({ short, long }) => before !== undefined && (before === short || before === long),
  );
  if (option !== undefined && (option.required || option.optional)) return option.argChoices ?? [];
  if (current.startsWith('-')) return help.visibleOptions(command).flatMap(({ long }) => long ?? []);
  const commands = help.visibleCommands(command).map((one) => one.name());
  const [argument] = command.registeredArguments;
  if (commands.length > 0 || argument === undefined) return commands;
  return argument.argChoices ?? (await namesFor(argument.name(), command.name(), terminal));
}

/** Returns names of runs for `<id>`, and of leases for `<name>`. Nothing if Temporal does not answer soon. */
async function namesFor(argument: string, command: string, terminal: Terminal): Promise<readonly string[]> {
  if (argument !== 'id' && argument !== 'name') return [];
  const [{ withTemporal }, { fleetOf }, { listJobs, listLeases }, { firstOf }] = await Promise.all([
    import('../temporal.ts'),
    import('../settings.ts'),
    import('@gpu-clouds/jobs'),
    import('../first-of.ts'),
  ]);
  const found = withTemporal(terminal, async (client) => {
    const fleet = await fleetOf(terminal, client);
    const active = ['stop', 'cancel', 'wait', 'extend', 'down', 'ssh', 'exec'].includes(command);
    const runs = async () => (await firstOf(50, listJobs(client, { fleet, running: active }))).map(({ id }) => id);
    const leases = async () =>
      (await firstOf(50, listLeases(client, { fleet, running: active }))).map(({ name }) => name);
    if (argument === 'id' && command !== 'show') return runs();
    const both = command === 'extend' || command === 'down' ? [leases()] : [leases(), runs()];
    return (await Promise.all(both)).flat();
  }).catch(() => []);
  return Promise.race([found, delay(maxWaitMs, [], { ref: false })]);
}
