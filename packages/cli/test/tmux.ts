import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Whether tmux, which gives a program a real terminal, is installed. */
export const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** A shell in a terminal of a fixed size. */
export interface Screen {
  /** Types a line and presses Enter. */
  type(line: string): Promise<void>;
  /** Presses keys by tmux's names, such as `C-c`, `Down`, and `y`. */
  press(...keys: string[]): Promise<void>;
  /** Returns what the screen shows, without trailing blank lines. */
  text(): Promise<string>;
  /** Returns what the screen shows, with its colors as escape sequences. */
  colored(): Promise<string>;
  /** Returns the lines of the screen, with those that the terminal wrapped joined again. */
  unwrapped(): Promise<string>;
  /** Ends the shell. */
  close(): Promise<void>;
}

let screens = 0;

/** Starts a shell in a terminal with this number of columns. */
export async function openScreen(columns: number, env: NodeJS.ProcessEnv, cwd: string): Promise<Screen> {
  screens += 1;
  const socket = `gpu-clouds-${process.pid}-${screens}`;
  const tmux = async (...args: string[]) =>
    (await promisify(execFile)('tmux', ['-L', socket, '-f', '/dev/null', ...args], { env, cwd })).stdout;
  await tmux('new-session', '-d', '-x', String(columns), '-y', '60', '/bin/sh');
  const capture = async (...options: string[]) => (await tmux('capture-pane', '-p', ...options)).trimEnd();
  return {
    type: async (line) => {
      await tmux('send-keys', '-l', line);
      await tmux('send-keys', 'Enter');
    },
    press: async (...keys) => {
      for (const key of keys) await tmux('send-keys', key);
    },
    text: () => capture(),
    colored: () => capture('-e'),
    unwrapped: () => capture('-J'),
    close: async () => {
      await tmux('kill-server').catch(() => undefined);
    },
  };
}
