import { quoteForShell } from './shell.ts';

/**
 * Makes the terminal of stdin one that nobody types into and that changes no output: lines keep their ends (no `onlcr`), and a read finds
 * the end of the input at once (`min 0`), so that a prompt does not wait, and bill, until a limit of the run.
 */
export const terminalSettings = 'stty -onlcr -echo -icanon min 0 time 0 cols 80 rows 24';

/** First lines of a script on a terminal. Its stdin is empty, as without one. */
export const terminalPrelude = `
export TERM=xterm
${terminalSettings} <&1 2>/dev/null || :
exec </dev/null`;

/** A FIFO in the folder of a step. */
export const terminalInput = 'input';

/** Runs the script of the step `$GPU_CLOUDS_STEP`. The terminal makes its shell the leader of a session and a process group of its own. */
const start = `d=$GPU_CLOUDS_STEP SHELL=$GPU_CLOUDS_SHELL
unset GPU_CLOUDS_STEP GPU_CLOUDS_SHELL
if command -v bash >/dev/null 2>&1; then exec bash -eo pipefail "$d/script"; else exec sh -e "$d/script"; fi`;

/**
 * A script that runs the step whose folder is `$0` on a terminal, and exits with its exit code. `script` would use the login shell, with its
 * start-up files. It would send an end of input that some programs read as a character, so its own input is a FIFO that never ends.
 */
export const onTerminal = `
exec env "GPU_CLOUDS_STEP=$0" "GPU_CLOUDS_SHELL=$SHELL" SHELL=/bin/sh script -qec ${quoteForShell(start)} /dev/null <> "$0/${terminalInput}"`;
