import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type components, createServerClient, type ServerClient } from '../src/client.ts';

const storageKey = 'gpu-clouds-token';

/** Takes the token from the fragment of the address, which is then removed from it, or from an earlier page of this tab. */
export function takeToken(): string | undefined {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (token !== undefined) {
    keepToken(token);
    history.replaceState(null, '', `${location.pathname}${location.search}`);
  }
  return sessionStorage.getItem(storageKey) ?? undefined;
}

/** Keeps a token until the tab is closed. */
export function keepToken(token: string): void {
  sessionStorage.setItem(storageKey, token);
}

/** The server, seen with one token. */
export interface Session {
  readonly client: ServerClient;
  /** Requests what is not JSON. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
}

/** The session of the pages, and what its token may do. */
export interface Server {
  readonly session: Session;
  /** Absent until the server has answered. */
  readonly scope?: components['schemas']['Access']['scope'] | undefined;
  /** Address of the runs in Temporal's web interface, without the ID. */
  readonly temporalUrl?: string | undefined;
}

const serverContext = createContext<Server | undefined>(undefined);
/** Gives the pages their session. */
export const ServerProvider = serverContext.Provider;

/** Returns the session of the page. */
export function useServer(): Server {
  const server = useContext(serverContext);
  if (server === undefined) throw new Error('This page needs a session.');
  return server;
}

export function openSession(token: string): Session {
  const client = createServerClient({ baseUrl: location.origin, token, maxRetries: 0, rateLimiter: false });
  return {
    client,
    request: (path, { headers, ...init } = {}) =>
      fetch(path, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(headers)), Authorization: `Bearer ${token}` },
      }),
  };
}
