import { join } from 'node:path';
import { CliError, exitCodes } from '../cli-error.ts';
import { Quotes } from '../mcp/quotes.ts';
import { escapeControls } from '../output/terminal-text.ts';
import { home } from '../settings.ts';
import type { Terminal } from '../terminal.ts';

/** Returns the quotes of agents on this machine. */
export function quotesOf(terminal: Terminal): Quotes {
  return new Quotes(join(home(terminal), 'quotes'));
}

/**
 * Shows a quote of an agent, and records the approval of the person at the terminal.
 * @returns 0, or 130 if the person does not approve
 * @throws {CliError} when there is no such quote, it has expired, or there is no person to ask
 */
export async function approve(id: string, terminal: Terminal): Promise<number> {
  const { note, prompts } = terminal;
  const quotes = quotesOf(terminal);
  const quote = await quotes.find(id);
  if (quotes.isExpired(quote))
    throw new CliError(`The quote ${id} has expired. Let the agent quote the run or lease again.`);
  if (prompts === undefined) {
    throw new CliError('Only a person at a terminal can approve. Run this command in a terminal.', {
      exitCode: exitCodes.usage,
    });
  }
  // The agent wrote the job.
  note(escapeControls(quote.summary));
  if ((await prompts.confirm('Approve?')) !== true) {
    note('Nothing was approved.');
    return exitCodes.interrupted;
  }
  await quotes.approve(quote);
  note(`${id} is approved until ${quote.expiresAt}. The agent can start it.`);
  return exitCodes.success;
}
