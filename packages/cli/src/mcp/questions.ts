import { randomUUID } from 'node:crypto';
import type { Quote, Quotes } from './quotes.ts';

/**
 * Questions to the person that wait for an answer. A request can carry an answer to a question that nobody asked, so an answer counts only with
 * the random number of an open question.
 */
export class Questions {
  readonly #quotes: Pick<Quotes, 'isExpired'>;
  readonly #open = new Map<string, Pick<Quote, 'id' | 'expiresAt'>>();

  constructor(quotes: Pick<Quotes, 'isExpired'>) {
    this.#quotes = quotes;
  }

  /** Opens a question about the quote. @returns The number that has to come back with the answer. */
  open({ id, expiresAt }: Quote): string {
    for (const [number, asked] of this.#open) if (this.#quotes.isExpired(asked)) this.#open.delete(number);
    const number = randomUUID();
    this.#open.set(number, { id, expiresAt });
    return number;
  }

  /** Closes the question with this number. @returns Whether it was open, and about this quote. */
  close(number: unknown, { id, expiresAt }: Quote): boolean {
    if (typeof number !== 'string') return false;
    const asked = this.#open.get(number);
    this.#open.delete(number);
    // A quote that is made again after it expired keeps its id, and may have another price.
    return asked?.id === id && asked.expiresAt === expiresAt;
  }
}
