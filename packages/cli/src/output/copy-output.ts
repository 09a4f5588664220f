import { type RunStore, readOutput } from '@gpu-clouds/jobs';

/** Gets text as it comes. With several nodes whole lines, since they come in turns. */
export type OnOutput = (text: string, node: number) => void;

/**
 * Passes on the output of every node of a run.
 * @param followUntil Goes on waiting for more until it is aborted. Left out: what is there.
 */
export async function copyOutput(
  runs: RunStore,
  id: string,
  nodes: number,
  onOutput: OnOutput,
  followUntil?: AbortSignal,
): Promise<void> {
  await Promise.all(Array.from({ length: nodes }, (_, node) => copyNode(node)));

  async function copyNode(node: number): Promise<void> {
    const text = new TextDecoder();
    let rest = '';
    for await (const bytes of readOutput(runs, id, { node, ...(followUntil === undefined ? {} : { followUntil }) })) {
      rest += text.decode(bytes, { stream: true });
      const end = nodes === 1 ? rest.length : rest.lastIndexOf('\n') + 1;
      if (end > 0) onOutput(rest.slice(0, end), node);
      rest = rest.slice(end);
    }
    if (rest !== '') onOutput(`${rest}\n`, node);
  }
}

/** Each line with its node before it, where there are several. */
export function withNodes(nodes: number, raw: (text: string) => void): OnOutput {
  if (nodes === 1) return raw;
  return (text, node) => raw(text.replace(/^/gm, `[${node}] `).replace(/\[\d+\] $/, ''));
}
