import type { CallToolResult } from '@modelcontextprotocol/server';
import { escapeControls } from '../output/terminal-text.ts';

/** Maximum characters of an error message. */
const maxMessage = 2000;

/** Returns facts as JSON, and behind them what `untrusted` has marked. */
export function result(facts: object, ...marked: readonly string[]): CallToolResult {
  const texts = [JSON.stringify(facts), ...marked];
  return { content: texts.map((text) => ({ type: 'text', text })) };
}

/** Returns why a tool does not do what was requested. */
export function refusal(message: string): CallToolResult {
  return { content: [{ type: 'text', text: escapeControls(message).slice(0, maxMessage) }], isError: true };
}
