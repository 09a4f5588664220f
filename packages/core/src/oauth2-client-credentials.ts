import type { Authentication, AuthenticationContext } from './authentication.ts';

/** The token endpoint and the credentials of the OAuth2 client credentials grant. */
export interface OAuth2ClientCredentials {
  /** Path of the token endpoint, relative to the base URL. */
  readonly tokenPath: string;
  /** The client id. It is not a secret. */
  readonly clientId: string;
  /** The client secret. It never appears in errors or logs. */
  readonly clientSecret: string;
}

interface Token {
  readonly access: string;
  readonly refresh: string | undefined;
  /** When it is renewed, in milliseconds since 1970. Some time before it expires. */
  readonly renewAt: number;
}

/** How long before its expiry a token is renewed. Tokens that live less than ten minutes are renewed after 90 % of that. */
const renewEarlyMs = 60_000;
/** Number of values to redact: the client secret and the latest tokens. */
const maxSecrets = 9;
/** Default lifetime. RFC 6749, section 5.1, allows a server to leave out `expires_in`. */
const defaultLifeSeconds = 600;

/**
 * Authenticates by OAuth2 client credentials. One token request serves any number of concurrent calls. A token is renewed
 * before it expires, by its refresh token if there is one. After a 401 a new token is requested once.
 */
export function oauth2ClientCredentials(options: OAuth2ClientCredentials): Authentication {
  const { tokenPath, clientId, clientSecret } = options;
  const secrets = [clientSecret];
  let token: Token | undefined;
  let pending: Promise<Token> | undefined;

  async function obtain(context: AuthenticationContext): Promise<Token> {
    const refresh = token?.refresh;
    if (refresh !== undefined) {
      try {
        return await request({ grant_type: 'refresh_token', refresh_token: refresh }, context);
      } catch {
        // The refresh token expired or was revoked. The client credentials may still be valid.
      }
    }
    return request({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }, context);
  }

  async function request(grant: Record<string, string>, context: AuthenticationContext): Promise<Token> {
    const answer = await context.post(tokenPath, grant);
    const { access_token, refresh_token, expires_in } = (answer ?? {}) as Record<string, unknown>;
    if (typeof access_token !== 'string' || access_token === '') throw new Error('the response has no access_token');
    const refresh = typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : undefined;
    secrets.push(access_token, ...(refresh === undefined ? [] : [refresh]));
    // Older tokens have expired.
    if (secrets.length > maxSecrets) secrets.splice(1, secrets.length - maxSecrets);
    const lifeMs = 1000 * (Number(expires_in) || defaultLifeSeconds);
    return {
      access: access_token,
      refresh,
      renewAt: context.clock.now() + Math.max(lifeMs - renewEarlyMs, lifeMs * 0.9),
    };
  }

  const valid = ({ clock }: AuthenticationContext) => (token && clock.now() < token.renewAt ? token : undefined);

  function current(context: AuthenticationContext): Promise<Token> {
    const known = valid(context);
    if (known) return Promise.resolve(known);
    pending ??= obtain(context)
      .then((obtained) => {
        token = obtained;
        return obtained;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  const header = ({ access }: Token) => `Bearer ${access}`;

  return {
    secrets,
    authenticate({ headers }, context) {
      const known = valid(context);
      if (known) return headers.set('Authorization', header(known));
      return current(context).then((token) => headers.set('Authorization', header(token)));
    },
    async renew(rejected, context) {
      // Another call may have renewed the token since this one was sent.
      if (token && header(token) === rejected.headers.get('Authorization')) token = undefined;
      await current(context);
      return true;
    },
  };
}
