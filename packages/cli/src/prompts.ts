import { confirm, isCancel, select, text } from '@clack/prompts';
import type { Prompts } from './terminal.ts';

/** Asks on standard error, so that standard output has the result only. */
const streams = { output: process.stderr };

/** Returns the prompts of the process's own terminal. */
export const prompts: Prompts = {
  async confirm(message) {
    const answer = await confirm({ message, initialValue: false, ...streams });
    return isCancel(answer) ? undefined : answer;
  },
  async select(message, choices) {
    const options = choices.map(({ value, label }) => ({ value: String(value), label }));
    const answer = await select<string>({ message, options, ...streams });
    return choices.find(({ value }) => value === answer)?.value;
  },
  async text(message, initial) {
    const answer = await text({ message, placeholder: initial, defaultValue: initial, ...streams });
    return isCancel(answer) ? undefined : answer;
  },
};
