import { once } from 'node:events';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';

/** A Temporal that accepts a connection and then hangs, as one that is stopped with SIGSTOP. */
export interface FrozenTemporal {
  /** The environment variables that lead to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Settles at the first call that it does not answer. */
  readonly frozen: Promise<void>;
  readonly close: () => void;
}

/**
 * Starts a Temporal that hangs.
 * @param status Status of gRPC with which it refuses calls instead.
 */
export async function frozenTemporal(status?: number): Promise<FrozenTemporal> {
  const sessions: ServerHttp2Session[] = [];
  const server = createServer().on('session', (session) => sessions.push(session));
  const frozen = new Promise<void>((resolve) => {
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => undefined);
      if (headers[':path']?.endsWith('/GetSystemInfo') === true) answerNothing(stream);
      else if (status === undefined) resolve();
      else stream.respond({ ':status': 200, 'grpc-status': String(status) }, { endStream: true });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    env: { TEMPORAL_ADDRESS: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}` },
    frozen,
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** Sends an empty message of gRPC. */
function answerNothing(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.alloc(5));
}
