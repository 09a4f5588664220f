import { type RunStore, readOutput } from '@gpu-clouds/jobs';

/** Receives output as it arrives. With several nodes it receives whole lines, because their output is interleaved. */
export type OnOutput = (bytes: Uint8Array, node: number) => void;

const [newline, carriageReturn] = [0x0a, 0x0d];
/** Size in bytes at which a line is passed on although it has not ended. */
const maxLine = 64 * 1024;

/**
 * Copies the output of every node of a run to `onOutput`, byte for byte.
 * @param followUntil Waits for more output until this signal aborts. Default: copies the stored output only.
 */
export async function copyOutput(
  runs: RunStore,
  id: string,
  nodes: number,
  onOutput: OnOutput,
  followUntil?: AbortSignal,
): Promise<void> {
  await Promise.all(Array.from({ length: nodes }, (_, node) => (nodes === 1 ? copyBytes(node) : copyLines(node))));

  async function copyBytes(node: number): Promise<void> {
    for await (const bytes of readOutput(runs, id, { node, followUntil })) onOutput(bytes, node);
  }

  async function copyLines(node: number): Promise<void> {
    let rest = Buffer.alloc(0);
    for await (const bytes of readOutput(runs, id, { node, followUntil })) {
      rest = Buffer.concat([rest, bytes]);
      // A progress bar ends its lines with a carriage return.
      const whole = Math.max(rest.lastIndexOf(newline), rest.lastIndexOf(carriageReturn)) + 1;
      const end = whole === 0 && rest.byteLength > maxLine ? rest.byteLength : whole;
      if (end > 0) onOutput(rest.subarray(0, end), node);
      rest = rest.subarray(end);
    }
    if (rest.byteLength > 0) onOutput(Buffer.concat([rest, Buffer.of(newline)]), node);
  }
}

/** Prefixes each line with its node number when a run has several nodes. */
export function withNodes(nodes: number, raw: (bytes: Uint8Array) => void): OnOutput {
  if (nodes === 1) return raw;
  // Latin-1 has a character for each byte, so that nothing is lost on the way.
  return (bytes, node) => {
    const lines = Buffer.from(bytes)
      .toString('latin1')
      .replace(/[^\n]*\n|[^\n]+$/g, (line) => `[${node}] ${line}`);
    raw(Buffer.from(lines, 'latin1'));
  };
}
