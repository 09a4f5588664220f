import type { Authentication, AuthenticationContext } from './authentication.ts';

/** Where and with what to get an access token. */
export interface OAuth2ClientCredentials {
  /** Path of the token endpoint, under the base URL. */
  readonly tokenPath: string;
  /** The public half. */
  readonly clientId: string;
  /** The secret half. It is in no error and no log. */
  readonly clientSecret: string;
}

interface Token {
  readonly access: string;
  readonly refresh: string | undefined;
  /** Milliseconds since 1970 from which it is not used any more, some time before it expires. */
  readonly renewAt: number;
}

/** A token is renewed this long before it expires, or at nine tenths of its life if that comes later. */
const earlyMilliseconds = 60_000;
/** The client's secret, and the tokens that were got last. */
const mostSecrets = 9;
/** RFC 6749 lets a server leave `expires_in` out. */
const defaultLifeSeconds = 600;

/**
 * OAuth2 client credentials. One token request serves any number of concurrent calls; a token is renewed before it
 * expires, by its refresh token where there is one; after a 401 another is asked for, once.
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
        return await ask({ grant_type: 'refresh_token', refresh_token: refresh }, context);
      } catch {
        // Expired or revoked: the credentials themselves are still good, or their own failure will be told.
      }
    }
    return ask({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }, context);
  }

  async function ask(grant: Record<string, string>, context: AuthenticationContext): Promise<Token> {
    const answer = await context.post(tokenPath, grant);
    const { access_token, refresh_token, expires_in } = (answer ?? {}) as Record<string, unknown>;
    if (typeof access_token !== 'string' || access_token === '') throw new Error('the answer has no access_token');
    const refresh = typeof refresh_token === 'string' && refresh_token !== '' ? refresh_token : undefined;
    secrets.push(access_token, ...(refresh === undefined ? [] : [refresh]));
    // Tokens of hours ago are worth nothing to anybody.
    if (secrets.length > mostSecrets) secrets.splice(1, secrets.length - mostSecrets);
    const life = 1000 * (Number(expires_in) || defaultLifeSeconds);
    return {
      access: access_token,
      refresh,
      renewAt: context.clock.now() + Math.max(life - earlyMilliseconds, life * 0.9),
    };
  }

  function current(context: AuthenticationContext): Promise<Token> {
    if (token && context.clock.now() < token.renewAt) return Promise.resolve(token);
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
    async authenticate({ headers }, context) {
      headers.set('Authorization', header(await current(context)));
    },
    async renew(rejected, context) {
      // Another call may have renewed it since this one was sent.
      if (token && header(token) === rejected.headers.get('Authorization')) token = undefined;
      await current(context);
      return true;
    },
  };
}
