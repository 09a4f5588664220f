import type { Clock } from './clock.ts';
import type { OutgoingRequest } from './request.ts';

/** What the client lends to its authentication. */
export interface AuthenticationContext {
  /** Time by which a token grows old. */
  readonly clock: Clock;
  /** Sends JSON to a path of the vendor, without credentials but with the client's retries. @throws ApiError */
  post(path: string, body: unknown): Promise<unknown>;
}

/** How credentials travel with a vendor. Asked for each attempt at an operation that is not public. */
export interface Authentication {
  /** Values that must never be seen. May grow; it is read whenever something is shown. */
  readonly secrets: readonly string[];
  /** Adds the credentials to an attempt. May change headers, body and query. */
  authenticate(request: OutgoingRequest, context: AuthenticationContext): void | Promise<void>;
  /** After a 401: true when other credentials were got and the attempt is worth repeating, once. */
  renew?(rejected: OutgoingRequest, context: AuthenticationContext): Promise<boolean>;
}

/** `Authorization: Bearer …` with a token that does not change. */
export function bearerAuth(token: string): Authentication {
  return {
    secrets: [token],
    authenticate: ({ headers }) => headers.set('Authorization', `Bearer ${token}`),
  };
}

/** Named credentials as form fields; in the query only of a GET, which has no body. */
export function formPairAuth(pair: Readonly<Record<string, string>>): Authentication {
  return {
    secrets: Object.values(pair),
    authenticate(request) {
      const inQuery = request.method === 'GET';
      const fields = inQuery ? request.url.searchParams : new URLSearchParams(textOf(request.body));
      for (const [name, value] of Object.entries(pair)) fields.set(name, value);
      if (inQuery) return;
      request.body = fields.toString();
      request.headers.set('Content-Type', 'application/x-www-form-urlencoded');
    },
  };
}

const textOf = (body: OutgoingRequest['body']) => (typeof body === 'string' ? body : new TextDecoder().decode(body));
