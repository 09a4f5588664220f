import { folderOf, type RemoteStep } from './remote-step.ts';
import { commandFailure, RemoteCommandError, type SshSession } from './ssh-session.ts';
import { terminalSettings } from './terminal.ts';

/**
 * Checks that the command of a step can have a terminal, unless it has started. The options of `script` are those of util-linux 2.30. Others
 * have programs of that name with fewer options.
 * @throws RemoteCommandError
 */
export async function checkTerminal(session: SshSession, step: RemoteStep): Promise<void> {
  const result = await session.exec(`
[ -d ${folderOf(step)}/started ] && { echo started; exit 0; }
SHELL=/bin/sh script -qec '${terminalSettings} && exit 7' /dev/null </dev/null >/dev/null 2>&1
[ $? = 7 ] && command -v mkfifo >/dev/null 2>&1 && echo possible
exit 0`);
  if (result.code !== 0) throw commandFailure(`The terminal of the ${step.name} could not be checked`, result);
  if (result.stdout !== '') return;
  throw new RemoteCommandError(
    `${step.instanceName} cannot give the command a terminal, because it lacks script (util-linux 2.30 or later), stty, mkfifo, or pseudo-terminals. Install util-linux in setup, or remove tty from the job.`,
  );
}
