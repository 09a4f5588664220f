import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError, exitCodes } from '../cli-error.ts';
import { codeOf } from '../settings-file.ts';
import { canonicalJson } from './canonical-json.ts';

const termsSchema = z.strictObject({
  /** What the quote is for. */
  kind: z.enum(['run', 'lease']),
  /** The account of the budget that the cost counts to. */
  account: z.string(),
  fleet: z.string(),
  /** Starts the same run or lease once more. */
  attempt: z.int().min(1),
  /** The exact job or lease, as canonical JSON. */
  subject: z.string(),
  /** The folder whose files a job uploads. Absent if it uploads none. */
  uploadsFrom: z.string().optional(),
});

/** What a quote is for. The id of the quote is a hash of it. */
export type Terms = z.output<typeof termsSchema>;

const quoteSchema = z.strictObject({
  id: z.string(),
  terms: termsSchema,
  /** What a person approves, in lines of text. */
  summary: z.string(),
  /** When a start is refused, in ISO 8601. */
  expiresAt: z.string(),
  /** When a person approved it, in ISO 8601. */
  approvedAt: z.string().optional(),
});

/** An offer to start one exact run or lease. */
export type Quote = z.output<typeof quoteSchema>;

/** Milliseconds for which a quote can be started. */
const lifeMs = 3_600_000;

/**
 * Returns the id of the quote for these terms, which is also the id of the run or the name of the lease. It needs no hash of its own in the
 * name of an instance: 25 lower-case letters and digits.
 */
export function quoteId(terms: Terms): string {
  return `q${createHash('sha256').update(canonicalJson(terms)).digest('hex').slice(0, 24)}`;
}

/**
 * Keeps quotes in files that only this user can read. They are on the machine of the person who approves them, which is where an agent's stdio
 * server runs, and apart from the run store, to which workers copy what jobs wrote.
 */
export class Quotes {
  readonly #folder: string;
  readonly #now: () => number;

  constructor(folder: string, now: () => number = Date.now) {
    this.#folder = folder;
    this.#now = now;
  }

  /** Stores a quote for the terms, or returns the stored one with its approval if it has not expired. */
  async add(terms: Terms, summary: string): Promise<Quote> {
    const id = quoteId(terms);
    const known = await this.#stored(id);
    if (known !== undefined && !this.isExpired(known)) return known;
    const quote = { id, terms, summary, expiresAt: new Date(this.#now() + lifeMs).toISOString() };
    await this.#write(quote);
    return quote;
  }

  /**
   * Returns a quote.
   * @throws {CliError} when there is none, or its terms are not those that it was made for
   */
  async find(id: string): Promise<Quote> {
    const quote = await this.#stored(id);
    if (quote !== undefined) return quote;
    throw new CliError(
      `There is no quote "${id}" in ${this.#folder}. Quote the run or lease again, or set GPU_CLOUDS_HOME as for the MCP server.`,
      {
        exitCode: exitCodes.notFound,
      },
    );
  }

  /** Records that a person agrees to the quote. */
  async approve(quote: Quote): Promise<void> {
    await this.#write({ ...quote, approvedAt: new Date(this.#now()).toISOString() });
  }

  isExpired({ expiresAt }: Pick<Quote, 'expiresAt'>): boolean {
    // Not later than `expiresAt`, also if that is no date.
    return !(this.#now() < Date.parse(expiresAt));
  }

  async #stored(id: string): Promise<Quote | undefined> {
    if (!/^q[0-9a-f]{24}$/.test(id)) return undefined;
    const text = await readFile(this.#file(id), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    const quote = quoteSchema.safeParse(jsonOf(text)).data;
    if (quote !== undefined && quote.id === id && quoteId(quote.terms) === id) return quote;
    throw new CliError(`The quote "${id}" was changed after it was made. Quote the run or lease again.`);
  }

  async #write(quote: Quote): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    const temporary = `${this.#file(quote.id)}.${randomBytes(4).toString('hex')}`;
    await writeFile(temporary, JSON.stringify(quote), { mode: 0o600 });
    await rename(temporary, this.#file(quote.id));
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
