import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RunStore } from '@gpu-clouds/jobs';
import { z } from 'zod';
import { Shared } from './shared.ts';

/**
 * What a token may do. `read`: everything that reads. `run`: list the offers, and see, stop, and cancel the runs whose tag `owner` is the
 * name of the token.
 */
export type TokenScope = 'read' | 'run';

/** A token, without its secret. */
export interface TokenInfo {
  /** Its name. */
  readonly name: string;
  /** What it may do. */
  readonly scope: TokenScope;
  /** When it was added, in ISO 8601. */
  readonly createdAt: string;
}

/** Who makes a request, and what they may do. */
export interface Caller {
  readonly name: string;
  readonly scope: TokenScope | 'admin';
}

/** A token of this name exists. The message says how to replace it. */
export class TokenExistsError extends Error {
  override readonly name = 'TokenExistsError';
}

const stored = z.object({ scope: z.enum(['read', 'run']), sha256: z.string(), createdAt: z.iso.datetime() });

/**
 * Milliseconds for which the tokens of the store are remembered. A removed token works no longer than this, and a stream one second more,
 * until the next check of its token.
 */
const rememberedMs = 4000;

/**
 * Adds a token whose SHA-256 is kept in the run store, and returns it. It cannot be shown again.
 * @throws {TokenExistsError} There is a token of this name.
 * @throws {RangeError} The name is invalid.
 * @throws {RunStoreError} The store fails.
 */
export async function addToken(runs: RunStore, name: string, scope: TokenScope): Promise<string> {
  if ((await listTokens(runs)).some((known) => known.name === name))
    throw new TokenExistsError(`There is a token "${name}". Remove it first, or choose another name.`);
  const token = newToken();
  const record: z.input<typeof stored> = {
    scope,
    sha256: digest(token).toString('hex'),
    createdAt: new Date().toISOString(),
  };
  await runs.tokens.put(name, JSON.stringify(record));
  return token;
}

/**
 * Returns the tokens in the run store, by name.
 * @throws {RunStoreError} The store fails.
 */
export async function listTokens(runs: RunStore): Promise<readonly TokenInfo[]> {
  const tokens = (await read(runs)).map(({ name, scope, createdAt }) => ({ name, scope, createdAt }));
  return tokens.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Removes a token. Servers refuse it within five seconds. Returns false if there is none of this name.
 * @throws {RangeError} The name is invalid.
 * @throws {RunStoreError} The store fails.
 */
export async function removeToken(runs: RunStore, name: string): Promise<boolean> {
  return runs.tokens.remove(name);
}

/** Returns a new token of 256 random bits. */
export function newToken(): string {
  return `gpuc_${randomBytes(32).toString('base64url')}`;
}

/** Finds out whose token a request has. Compares hashes in constant time. */
export class TokenCheck {
  readonly #runs: RunStore;
  readonly #admin: Buffer | undefined;
  readonly #tokens = new Shared<Awaited<ReturnType<typeof read>>>(rememberedMs);

  /** @param adminToken May do everything. Absent: no token may. */
  constructor(runs: RunStore, adminToken: string | undefined) {
    this.#runs = runs;
    this.#admin = adminToken === undefined ? undefined : digest(adminToken);
  }

  /** @throws {RunStoreError} The store fails. */
  async callerOf(token: string): Promise<Caller | undefined> {
    const hash = digest(token);
    if (this.#admin !== undefined && timingSafeEqual(hash, this.#admin)) return { name: 'admin', scope: 'admin' };
    const tokens = await this.#tokens.get('', () => read(this.#runs));
    return tokens.find(({ sha256 }) => sha256.length === hash.length && timingSafeEqual(hash, sha256));
  }
}

async function read(runs: RunStore) {
  const tokens: (TokenInfo & { readonly sha256: Buffer })[] = [];
  for await (const { name, text } of runs.tokens.list()) {
    const { success, data } = stored.safeParse(jsonIn(text));
    if (success) tokens.push({ name, ...data, sha256: Buffer.from(data.sha256, 'hex') });
  }
  return tokens;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
