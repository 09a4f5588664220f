import { type RunStore, readOutput } from '@gpu-clouds/jobs';

/** Receives output as it arrives. With several nodes it receives whole lines, because their output is interleaved. */
export type OnOutput = (text: string, node: number) => void;

/**
 * Copies the output of every node of a run to `onOutput`.
 * @param followUntil Waits for more output until this signal aborts. Default: copies the stored output only.
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
    for await (const bytes of readOutput(runs, id, { node, followUntil })) {
      rest += text.decode(bytes, { stream: true });
      const end = nodes === 1 ? rest.length : rest.lastIndexOf('\n') + 1;
      if (end > 0) onOutput(rest.slice(0, end), node);
      rest = rest.slice(end);
    }
    if (rest !== '') onOutput(`${rest}\n`, node);
  }
}

/** Prefixes each line with its node number when a run has several nodes. */
export function withNodes(nodes: number, raw: (text: string) => void): OnOutput {
  if (nodes === 1) return raw;
  return (text, node) => raw(text.replace(/^/gm, `[${node}] `).replace(/\[\d+\] $/, ''));
}
