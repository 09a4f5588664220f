import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordingTerminal } from '../../test/recording-terminal.ts';
import { main } from '../main.ts';
import { InterruptedError } from '../terminal.ts';

/** A Temporal that accepts a connection and then hangs, as one that is stopped with SIGSTOP. */
let temporal: Http2Server;
let sessions: ServerHttp2Session[];
let env: Record<string, string>;
let frozen: Promise<void>;
beforeEach(async () => {
  sessions = [];
  temporal = createServer().on('session', (session) => sessions.push(session));
  frozen = new Promise((resolve) => {
    temporal.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => undefined);
      if (headers[':path']?.endsWith('/GetSystemInfo') === true) answerNothing(stream);
      else resolve();
    });
  });
  temporal.listen(0, '127.0.0.1');
  await once(temporal, 'listening');
  const address = temporal.address();
  env = { TEMPORAL_ADDRESS: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}` };
});
afterEach(() => {
  for (const session of sessions) session.destroy();
  temporal.close();
});

/** Sends an empty message of gRPC. */
function answerNothing(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}

it('wait ends with exit code 7 when its time is over, also while Temporal hangs', async () => {
  const terminal = recordingTerminal(env);
  expect(await main(['wait', 'train', '--timeout', '0.2s'], terminal)).toBe(7);
  expect(terminal.notes[0]).toBe('train continues, and bills until it ends.');
});

it('wait ends with exit code 130 on SIGTERM while Temporal hangs, and says that the run continues and bills', async () => {
  const stop = new AbortController();
  const terminal = recordingTerminal(env, stop.signal);
  const waiting = main(['wait', 'train'], terminal);
  await frozen;
  stop.abort(new InterruptedError());
  expect(await waiting).toBe(130);
  expect(terminal.notes[0]).toBe('train continues, and bills until it ends.');
});
