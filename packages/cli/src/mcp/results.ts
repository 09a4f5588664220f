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

/** Makes a tool answer with the message of an error, which may contain words of a vendor: without terminal sequences, and cut. */
export function guarded<A extends readonly unknown[], R>(
  work: (...args: A) => Promise<R>,
): (...args: A) => Promise<R | CallToolResult> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      return refusal(error instanceof Error ? error.message : String(error));
    }
  };
}
