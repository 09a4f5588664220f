import { createServer } from 'node:http';

/** Address of an HTTP endpoint of the worker. */
export interface Endpoint {
  /** TCP port. 0 chooses any free port. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`, which only the local host can reach. */
  readonly host?: string | undefined;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Thrown when an HTTP endpoint of the worker cannot listen on its address. The message says why. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

/**
 * Serves `GET /health`. It answers 200 while all task queues are polled and 503 before and after, for a load balancer or an orchestrator.
 * @throws EndpointError
 */
export async function serveHealth(
  { port, host = '127.0.0.1' }: Endpoint,
  polling: () => boolean,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const known = request.url?.split('?')[0] === '/health';
    const healthy = polling();
    response.writeHead(known ? (healthy ? 200 : 503) : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: known ? (healthy ? 'polling' : 'not polling') : 'not found' }));
  });
  const actual = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(endpointError('health', host, port, error)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return {
    url: `http://${host}:${actual}/health`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function endpointError(what: string, host: string, port: number, error: unknown): EndpointError {
  const inUse =
    error instanceof Error && /in use|EADDRINUSE/i.test(`${error.message} ${'code' in error ? error.code : ''}`);
  const why = inUse ? 'the port is in use' : error instanceof Error ? error.message : String(error);
  return new EndpointError(
    `The worker's ${what} endpoint cannot listen on ${host}:${port}: ${why}. Choose another one.`,
    {
      cause: error,
    },
  );
}
