import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller, TokenCheck } from './tokens.ts';

/** What the middleware adds to a request. */
export interface Env {
  /** Absent where there is no socket, such as in tests. */
  Bindings: Partial<HttpBindings>;
  Variables: {
    /** Whose token the request has, or undefined if it has none that is known. */
    known: Caller | undefined;
    /** As `known`, behind {@link authenticated}. */
    caller: Caller;
    /** Whether the token of the request is still known. Streams end once it is not. */
    isKnown: () => Promise<boolean>;
  };
}

const loopbackHosts = ['127.0.0.1', 'localhost', '[::1]'];
/** Wrong tokens that one address may send within a minute. */
const wrongTokensPerMinute = 20;

/**
 * Refuses requests for another host name. A page of another site can let its own name point to this machine (DNS rebinding); the browser
 * then still sends that name.
 */
export function knownHosts(hosts: readonly string[]): MiddlewareHandler {
  const known = new Set([...loopbackHosts, ...hosts.map((host) => host.toLowerCase())]);
  return async (c, next) => {
    const name = (c.req.header('host') ?? '').toLowerCase().replace(/:\d+$/, '');
    if (known.has(name)) return next();
    return c.json({ message: `This server does not answer for the host "${name}". Name it with --allow-host.` }, 403);
  };
}

/**
 * Finds out who makes a request, and refuses requests beyond a number for each minute: for each known token, and for each address without
 * one. Behind a proxy all users share an address, and a stranger must not keep them from ending what bills.
 */
export function identified(check: TokenCheck, requestsPerMinute: number): MiddlewareHandler<Env> {
  const limit = { points: requestsPerMinute, duration: 60 };
  const [ofTokens, ofAddresses] = [new RateLimiterMemory(limit), new RateLimiterMemory(limit)];
  return async (c, next) => {
    const token = tokenOf(c);
    const known = token === '' ? undefined : await check.callerOf(token);
    const wait = await (known === undefined ? excess(ofAddresses, addressOf(c)) : excess(ofTokens, keyOf(known)));
    if (wait !== undefined) return tooMany(c, wait);
    c.set('known', known);
    c.set('isKnown', async () => (await check.callerOf(token)) !== undefined);
    return next();
  };
}

/** Refuses requests without a known token, and what the token does not allow. */
export function authenticated(): MiddlewareHandler<Env> {
  const wrong = new RateLimiterMemory({ points: wrongTokensPerMinute, duration: 60 });
  return async (c, next) => {
    const { known } = c.var;
    if (known === undefined) {
      const wait = await excess(wrong, addressOf(c));
      if (wait !== undefined) return tooMany(c, wait);
      c.header('WWW-Authenticate', 'Bearer');
      return c.json(
        { message: 'The token is missing or unknown. Open the address that "gpu-clouds dashboard" prints.' },
        401,
      );
    }
    if (!allows(known, c.req.method, c.req.path)) {
      const message = `The token "${known.name}" has the scope "${known.scope}", which does not allow this.`;
      return c.json({ message }, 403);
    }
    c.set('caller', known);
    return next();
  };
}

/** Identifies a token. A stored one may have the name of the generated one. */
export function keyOf({ scope, name }: Caller): string {
  return `${scope} ${name}`;
}

/** Whether a caller may make a request. Which runs a caller with the scope `run` may see is decided where they are read. */
function allows({ scope }: Caller, method: string, path: string): boolean {
  if (scope === 'admin') return true;
  if (scope === 'read') return ['GET', 'HEAD'].includes(method) || path.startsWith('/codec/');
  return /^\/api\/(access|offers|runs)(\/|$)/.test(path);
}

/** Temporal's web interface cannot send a header of ours: its address of the codec contains the token. */
function tokenOf(c: Context<Env>): string {
  const [, inPath] = /^\/codec\/([^/]+)\/decode$/.exec(c.req.path) ?? [];
  return inPath ?? /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
}

/** Counts a request, and returns the seconds until the next one is allowed, or undefined if this one is. */
async function excess(limiter: RateLimiterMemory, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return Math.ceil(refused.msBeforeNext / 1000);
  }
}

function tooMany(c: Context<Env>, wait: number): Response {
  c.header('Retry-After', String(wait));
  return c.json({ message: `Too many requests. Try again in ${wait} s.` }, 429);
}

/** Returns the address of the other end. Tests without a socket share one. */
function addressOf({ env }: Context<Env>): string {
  return env?.incoming?.socket.remoteAddress ?? 'unknown';
}
