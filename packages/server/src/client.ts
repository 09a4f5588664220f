import { bearerAuth, type ClientOptions, createClient } from '@gpu-clouds/core';
import type { ServerMethods } from './generated/methods.ts';
import { operations } from './generated/operations.ts';

/** The operations of the server as methods. Output and artifacts stream: read them with `fetch`. */
export type ServerClient = ServerMethods;

/** Options of {@link createServerClient}. */
export interface ServerClientOptions extends ClientOptions {
  /** Address of the server, such as `http://127.0.0.1:8300`. */
  readonly baseUrl: string;
  /** A token of the server. */
  readonly token: string;
}

/** Creates a client of the server's API. */
export function createServerClient({ token, baseUrl, ...options }: ServerClientOptions): ServerClient {
  return createClient<ServerClient>({
    ...options,
    vendor: 'gpu-clouds',
    operations,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    auth: bearerAuth(token),
  });
}

export type { components, operations, paths } from './generated/types.ts';
