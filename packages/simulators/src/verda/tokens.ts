import { type Answer, ok } from '../answer.ts';
import { textOf } from '../record.ts';
import type { Call } from '../vendor-app.ts';
import type { World } from '../world.ts';
import { errorResponse } from './errors.ts';

const accessSeconds = 3600;
const refreshSeconds = 24 * 3600;

/** OAuth2 client credentials. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Issues OAuth2 access tokens (valid for 1 hour) and refresh tokens (valid for 24 hours). */
export class Tokens {
  readonly #world: World;
  readonly #credentials: Credentials;
  readonly #access = new Map<string, number>();
  readonly #refresh = new Map<string, number>();

  constructor(world: World, credentials: Credentials) {
    this.#world = world;
    this.#credentials = credentials;
  }

  /** Issues tokens for client credentials or a refresh token. @throws ErrorResponse when they are invalid */
  issue({ body }: Call): Answer {
    switch (textOf(body, 'grant_type')) {
      case 'client_credentials':
        this.#checkSecret(textOf(body, 'client_id'), textOf(body, 'client_secret'));
        break;
      case 'refresh_token':
        this.#checkRefresh(textOf(body, 'refresh_token') ?? '');
        break;
      default:
        throw errorResponse(
          'invalid_request',
          'grant_type must be one of the following values: client_credentials, refresh_token',
        );
    }
    return ok(this.#newTokens());
  }

  /** Checks the bearer token. @throws ErrorResponse 401 when it is missing, unknown, or expired */
  authenticate(headers: Headers): void {
    const token = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
    if (token === undefined) throw errorResponse('unauthorized_request', 'Access token is missing or invalid');
    const ends = this.#access.get(token);
    if (ends === undefined) throw errorResponse('unauthorized_request', 'Access token is missing or invalid');
    if (this.#world.clock.now() >= ends) throw errorResponse('unauthorized_request', 'Access token has expired');
  }

  /** Invalidates all access tokens. */
  expire(): void {
    this.#access.clear();
  }

  #checkSecret(id: string | undefined, secret: string | undefined): void {
    const { clientId, clientSecret } = this.#credentials;
    if (id !== clientId || secret !== clientSecret)
      throw errorResponse('unauthorized_request', 'Invalid client id or client secret');
  }

  #checkRefresh(token: string): void {
    if ((this.#refresh.get(token) ?? 0) <= this.#world.clock.now()) {
      throw errorResponse('unauthorized_request', 'Refresh token is missing or invalid');
    }
  }

  #newTokens() {
    const now = this.#world.clock.now();
    const access_token = `sim.access.${this.#world.random.hex(32)}`;
    const refresh_token = `sim.refresh.${this.#world.random.hex(32)}`;
    this.#access.set(access_token, now + accessSeconds * 1000);
    this.#refresh.set(refresh_token, now + refreshSeconds * 1000);
    return { access_token, token_type: 'Bearer', expires_in: accessSeconds, refresh_token, scope: 'cloud-api-v1' };
  }
}
