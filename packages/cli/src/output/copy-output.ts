import { type RunStore, readOutput } from '@gpu-clouds/jobs';

/** Receives output as it arrives. With several nodes it receives whole lines, because their output is interleaved. */
export type OnOutput = (bytes: Uint8Array, node: number) => void;

const [newline, carriageReturn] = [0x0a, 0x0d];
/** Size in bytes at which a line is passed on although it has not ended. */
const maxLine = 64 * 1024;
/** How long a line may wait for its end while more output is followed. */
const quietMs = 1000;

export interface CopyOptions {
  /** The attempt of the command, from 1. Default: 1. */
  readonly attempt?: number | undefined;
  /** Offsets in bytes at which to begin, in the order of the nodes. Default: the beginning. */
  readonly from?: readonly number[] | undefined;
  /** Waits for more output until this signal aborts. Default: copies the stored output only. */
  readonly followUntil?: AbortSignal | undefined;
}

/** Copies the output of nodes of a run to `onOutput`, byte for byte. */
export async function copyOutput(
  runs: RunStore,
  id: string,
  nodes: readonly number[],
  onOutput: OnOutput,
  { attempt, from = [], followUntil }: CopyOptions = {},
): Promise<void> {
  await Promise.all(nodes.map((node, index) => (nodes.length === 1 ? copyBytes(node, index) : copyLines(node, index))));

  function outputOf(node: number, index: number): AsyncGenerator<Uint8Array> {
    return readOutput(runs, id, { node, attempt, from: from[index], followUntil });
  }

  async function copyBytes(node: number, index: number): Promise<void> {
    for await (const bytes of outputOf(node, index)) onOutput(bytes, node);
  }

  async function copyLines(node: number, index: number): Promise<void> {
    let rest = Buffer.alloc(0);
    let quiet: NodeJS.Timeout | undefined;
    const endLine = () => {
      if (rest.byteLength > 0) onOutput(Buffer.concat([rest, Buffer.of(newline)]), node);
      rest = Buffer.alloc(0);
    };
    try {
      for await (const bytes of outputOf(node, index)) {
        clearTimeout(quiet);
        rest = Buffer.concat([rest, bytes]);
        // A progress bar ends its lines with a carriage return.
        const whole = Math.max(rest.lastIndexOf(newline), rest.lastIndexOf(carriageReturn)) + 1;
        const end = whole === 0 && rest.byteLength > maxLine ? rest.byteLength : whole;
        if (end > 0) onOutput(rest.subarray(0, end), node);
        rest = rest.subarray(end);
        quiet = setTimeout(endLine, quietMs);
      }
    } finally {
      clearTimeout(quiet);
    }
    endLine();
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
