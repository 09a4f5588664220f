import type { OpenAPIHono } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import * as api from './api.ts';
import type { Facts } from './facts.ts';
import { type Env, keyOf } from './guard.ts';
import type { AppOptions } from './options.ts';
import { followOutput } from './output.ts';
import { StreamLimit } from './streams.ts';

/** Outputs that one token may follow at the same time. */
const maxStreams = 50;
/** Milliseconds between two comments that keep a quiet stream open. */
const keepAliveMs = 15_000;
/** Milliseconds between two checks whether the token of a stream still exists. With `rememberedMs` of the tokens, at most five seconds. */
const checkMs = 1000;

/** Adds the stream of a run's output. */
export function addOutput(app: OpenAPIHono<Env>, { client, runs, log }: AppOptions, facts: Facts): void {
  const limit = new StreamLimit(maxStreams);
  app.openapi(api.followOutput, async (c) => {
    const { caller, isKnown } = c.var;
    // Counted before anything is awaited. Otherwise requests that come at once would all see the same count.
    const ended = limit.open(keyOf(caller));
    if (ended === undefined)
      return c.json({ message: `This token follows ${maxStreams} outputs already. End some of them first.` }, 429);
    const { id } = await facts.job(caller, c.req.valid('param').id).catch((error: unknown) => {
      ended();
      throw error;
    });
    const { node, attempt, from, tail } = c.req.valid('query');
    const request = { id, node, attempt, from: c.req.valid('header')['last-event-id'] ?? from, tail };
    // Proxies must not hold the stream back.
    c.header('X-Accel-Buffering', 'no');
    return streamSSE(c, async (stream) => {
      const left = new AbortController();
      stream.onAbort(() => {
        left.abort();
        ended();
      });
      const alive = setInterval(() => void stream.write(': \n\n'), keepAliveMs);
      const check = setInterval(() => {
        const end = () => stream.abort();
        isKnown().then((known) => known || end(), end);
      }, checkMs);
      try {
        for await (const { text, offset } of followOutput({ client, runs }, request, left.signal))
          await stream.writeSSE({ id: String(offset), data: JSON.stringify(text) });
        await stream.writeSSE({ event: 'end', data: '' });
      } catch (error) {
        // The client reconnects after the last event, and gets the error as an answer then.
        log?.(`GET ${api.followOutput.path}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        clearInterval(alive);
        clearInterval(check);
        ended();
      }
    });
  });
}
