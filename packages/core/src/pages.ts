import type { AnswerWithResponse } from './api-promise.ts';
import type { PageRule } from './operation.ts';

type Query = Readonly<Record<string, unknown>>;

/** Items or pages that are fetched while you iterate: `for await (const item of …)`. */
export interface Paged<T> extends AsyncIterable<T> {
  /** Returns all of them as an array, or the first `limit`. Pages after those are not fetched. */
  toArray(options?: { readonly limit?: number | undefined }): Promise<T[]>;
}

/** Fetches the page that a query asks for. */
export type FetchPage = (query: Query) => Promise<AnswerWithResponse<unknown>>;

/** Creates the error of a list that would never end: a page or a cursor comes again, or too many pages are empty. */
export type Endless = () => Error;

/** As many pages as 10,000 items have, 100 on a page, if a vendor cuts a list into pages first and then filters all items out. */
const maxEmptyPages = 100;

/** Returns every page, from the one that `query` asks for to the last. */
export function pages(rule: PageRule, query: Query, fetchPage: FetchPage, endless: Endless): AsyncIterable<unknown> {
  return rule.style === 'cursor'
    ? byCursor(rule, query, fetchPage, endless)
    : byNumber(rule, query, fetchPage, endless);
}

/** Returns every item of every page. */
export async function* items(rule: PageRule, all: AsyncIterable<unknown>): AsyncIterable<unknown> {
  for await (const page of all) yield* itemsOf(rule, page);
}

/** Adds `toArray` to an async iterable. */
export function paged<T>(all: AsyncIterable<T>): Paged<T> {
  return Object.assign(all, {
    async toArray({ limit = Number.POSITIVE_INFINITY }: { readonly limit?: number | undefined } = {}): Promise<T[]> {
      const found: T[] = [];
      if (limit <= 0) return found;
      for await (const one of all) {
        found.push(one);
        if (found.length >= limit) break;
      }
      return found;
    },
  });
}

/**
 * Returns the items of one page.
 * @throws {Error} The page has no list, such as an error that a vendor answers with status 200. It is not an empty page.
 */
export function itemsOf(rule: PageRule, page: unknown): readonly unknown[] {
  const items = rule.style === 'cursor' ? property(page, rule.items) : page;
  if (Array.isArray(items)) return items;
  throw new Error('no list of items');
}

async function* byCursor(
  rule: Extract<PageRule, { style: 'cursor' }>,
  query: Query,
  fetchPage: FetchPage,
  endless: Endless,
): AsyncIterable<unknown> {
  const seen = new Set([query[rule.cursor]]);
  for (let next = query, empty = 0; ; ) {
    const { data } = await fetchPage(next);
    yield data;
    empty = itemsOf(rule, data).length > 0 ? 0 : empty + 1;
    const cursor = property(data, rule.next);
    if (cursor === undefined || cursor === null || cursor === '') return;
    if (seen.has(cursor) || empty > maxEmptyPages) throw endless();
    seen.add(cursor);
    next = { ...query, [rule.cursor]: cursor };
  }
}

async function* byNumber(
  rule: Extract<PageRule, { style: 'page' }>,
  query: Query,
  fetchPage: FetchPage,
  endless: Endless,
): AsyncIterable<unknown> {
  let before = '';
  const first = Number(query[rule.page] ?? 1);
  for (let number = first, count = 0; ; number++) {
    const { data, response } = await fetchPage({ ...query, [rule.page]: number });
    const found = itemsOf(rule, data).length;
    // Past the end a vendor answers an empty page. It is left out unless it is the only one.
    if (found === 0 && number > first) return;
    const now = JSON.stringify(data);
    if (now === before) throw endless();
    before = now;
    yield data;
    count += found;
    const size = Number(query[rule.size] ?? Number.NaN);
    const total = Number(response.headers.get(rule.total) ?? Number.NaN);
    const skipped = Number.isNaN(size) ? 0 : (first - 1) * size;
    if (found === 0 || skipped + count >= total || (Number.isNaN(total) && found < size)) return;
  }
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
