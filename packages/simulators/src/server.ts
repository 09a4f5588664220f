import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { ConnectionCut } from './answer.ts';

/** Thrown by `listen` when another process uses the port. The message names the port. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** A listening HTTP server. */
export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts an HTTP server on 127.0.0.1.
 * @param port 0 for any free port
 * @throws PortTakenError when another process uses the port
 */
export async function serveOnLoopback(
  fetch: (request: Request) => Promise<Response>,
  port: number,
): Promise<RunningServer> {
  const server = createAdaptorServer({
    overrideGlobalObjects: false,
    fetch: async (request, { incoming }) => {
      try {
        return await fetch(request);
      } catch (error) {
        if (!(error instanceof ConnectionCut)) throw error;
        if ('socket' in incoming) incoming.socket.destroy();
        return RESPONSE_ALREADY_SENT;
      }
    },
  });
  await listen(server, port);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if (isHttp(server)) server.closeAllConnections();
      }),
  };
}

function isHttp(server: ReturnType<typeof createAdaptorServer>): server is Server {
  return 'closeAllConnections' in server;
}

function listen(server: ReturnType<typeof createAdaptorServer>, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      reject(
        new PortTakenError(
          `Port ${port} on 127.0.0.1 is in use. Choose other ports with --port-base (portBase in code).`,
        ),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
}
