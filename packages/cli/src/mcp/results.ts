import { sep } from 'node:path';
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

/** What an agent must not see. */
export interface Hidden {
  /** Absolute paths of folders of this machine. */
  readonly folders: readonly string[];
}

/** Returns a message without the paths of this machine's folders: paths in them become relative. */
export function withoutFolders(message: string, { folders }: Hidden): string {
  // A link can lead anywhere.
  let text = message.replace(/ leads to .*?, outside .*?: /gs, ' leads out of the folder: ');
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
    if (folder !== sep) text = text.replaceAll(folder + sep, '').replaceAll(folder, 'its folder');
  }
  return text;
}

/** Makes a tool answer with the message of an error, which may contain words of a vendor: without paths and terminal sequences, and cut. */
export function guarded<A extends readonly unknown[], R>(
  hidden: Hidden,
  work: (...args: A) => Promise<R>,
): (...args: A) => Promise<R | CallToolResult> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      return refusal(withoutFolders(error instanceof Error ? error.message : String(error), hidden));
    }
  };
}
