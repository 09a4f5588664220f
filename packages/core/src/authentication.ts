import type { Clock } from './clock.ts';
import type { OutgoingRequest } from './request-context.ts';

/** What a client provides to its authentication. */
export interface AuthenticationContext {
  /** The client's clock, for the age of tokens. */
  readonly clock: Clock;
  /** Sends JSON to a path of the vendor, without credentials but with the client's retries. @throws {ApiError} */
  post(path: string, body: unknown): Promise<unknown>;
}

/** How requests get their credentials. Called for each attempt of an operation that is not public. */
export interface Authentication {
  /** Values that must never be shown. The list may grow. It is read whenever something is shown. */
  readonly secrets: readonly string[];
  /**
   * Adds the credentials to an attempt, or replaces those of the previous attempt: the request is the same one. May change
   * headers, body, and query.
   */
  authenticate(request: OutgoingRequest, context: AuthenticationContext): void | Promise<void>;
  /** Obtains new credentials after a 401. @returns true when the attempt should be repeated, once */
  renew?(rejected: OutgoingRequest, context: AuthenticationContext): Promise<boolean>;
}

/** A security scheme as OpenAPI documents declare it, as far as one fixed credential is enough for it. */
export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: 'bearer' | 'basic' }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query'; readonly name: string };

/**
 * Sends a fixed credential the way a security scheme of the vendor's document says: as a bearer token, with HTTP basic
 * authentication, in a header of its own, or in the query.
 * @param credential the token or key; `user:password` for basic authentication
 */
export function schemeAuth(scheme: SecurityScheme, credential: string): Authentication {
  if (scheme.type === 'http') {
    const isBasic = scheme.scheme === 'basic';
    const sent = isBasic ? base64(credential) : credential;
    const value = `${isBasic ? 'Basic' : 'Bearer'} ${sent}`;
    const secrets = isBasic ? [sent, credential, credential.slice(credential.indexOf(':') + 1)] : [sent];
    return { secrets, authenticate: ({ headers }) => headers.set('Authorization', value) };
  }
  const { in: place, name } = scheme;
  return {
    secrets: [credential],
    authenticate: ({ headers, url }) => (place === 'header' ? headers : url.searchParams).set(name, credential),
  };
}

/** RFC 7617 recommends UTF-8. `btoa` takes bytes as characters. */
const base64 = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/** Sends `Authorization: Bearer …` with a fixed token. */
export const bearerAuth = (token: string): Authentication => schemeAuth({ type: 'http', scheme: 'bearer' }, token);

/** Sends named credentials as form fields, or in the query of a GET, which has no body. */
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
