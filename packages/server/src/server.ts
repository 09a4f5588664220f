import { once } from 'node:events';
import { BlockList, isIP } from 'node:net';
import { serve } from '@hono/node-server';
import { createApp } from './app.ts';
import type { AppOptions } from './options.ts';
import { listTokens, newToken } from './tokens.ts';

/** Options of {@link startServer}. */
export interface ServerOptions extends Omit<AppOptions, 'adminToken'> {
  /** Address to listen on. Any but a loopback address needs tokens in the run store. Default: `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Port to listen on. Default: any free port. */
  readonly port?: number | undefined;
}

/** A running server. */
export interface RunningServer {
  /** Its address, such as `http://127.0.0.1:8300`. */
  readonly url: string;
  /** The address of the dashboard, on the loopback interface with a token that may do everything. The fragment is never sent. */
  readonly dashboardUrl: string;
  /** Stops the server and ends its streams. */
  close(): Promise<void>;
}

/** The server cannot listen. The message says why. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/**
 * Starts the server. On a loopback address it generates a token that may do everything, and on any other address it accepts the tokens of
 * the run store only.
 * @throws {ServerError} The address is not a loopback address and there are no tokens, or the port is taken.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, hosts = [], runs } = options;
  const isLocal = isLoopback(host);
  if (!isLocal && (await listTokens(runs)).length === 0) {
    throw new ServerError(
      `Without tokens the server listens on a loopback address only, not on ${host}. Add one with "gpu-clouds tokens add NAME --scope read".`,
    );
  }
  const adminToken = isLocal ? newToken() : undefined;
  const { fetch } = createApp({ ...options, adminToken, hosts: [...hosts, bracketed(host)] });
  const server = serve({ fetch, hostname: host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ServerError(`The server cannot listen on ${host}:${port}: ${why}. Choose another --port.`, {
      cause: error,
    });
  }
  const address = server.address();
  const used = typeof address === 'object' && address !== null ? address.port : port;
  const url = `http://${bracketed(host)}:${used}`;
  return {
    url,
    dashboardUrl: adminToken === undefined ? url : `${url}/#token=${adminToken}`,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether a host is this machine only. A name such as `127.0.0.1.example.com` can have any address. */
function isLoopback(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
