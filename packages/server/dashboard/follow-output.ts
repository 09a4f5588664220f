import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Session } from './session.ts';

/** Which output to follow. */
export interface FollowedOutput {
  readonly id: string;
  readonly node: number;
  readonly attempt: number;
  /** Begin with this many last lines. Absent: begin at the start. */
  readonly tail?: number | undefined;
}

const longestPauseMs = 10_000;

/** Passes on the output of a run until it ends. After a lost connection, continues behind what has arrived. */
export async function followOutput(
  { request }: Session,
  { id, node, attempt, tail }: FollowedOutput,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const query = new URLSearchParams({ node: String(node), attempt: String(attempt) });
  if (tail !== undefined) query.set('tail', String(tail));
  let last: string | undefined;
  for (let pauseMs = 500; !signal.aborted; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      const headers = new Headers();
      if (last !== undefined) headers.set('Last-Event-ID', last);
      const response = await request(`/api/runs/${encodeURIComponent(id)}/output?${query}`, { headers, signal });
      if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`);
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      const reader = events.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        if (read.value.event === 'end') return;
        last = read.value.id ?? last;
        const text: unknown = JSON.parse(read.value.data);
        if (typeof text === 'string') onText(text);
        pauseMs = 500;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (last === undefined && pauseMs > longestPauseMs / 2) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
