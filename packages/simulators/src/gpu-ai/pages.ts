import { type Answer, ok } from '../answer.ts';
import { errorResponse } from './problems.ts';

const defaultLimit = 50;

/** Returns one page and the cursor of the next page. A cursor is an opaque offset into the list. */
export function page(items: readonly unknown[], query: URLSearchParams): Answer {
  const limit = Number(query.get('limit') ?? defaultLimit);
  const start = startOf(query.get('cursor'));
  const end = start + limit;
  const next_cursor = end < items.length ? Buffer.from(`at:${end}`).toString('base64url') : null;
  return ok({ data: items.slice(start, end), next_cursor });
}

function startOf(cursor: string | null): number {
  if (cursor === null || cursor === '') return 0;
  const offset = /^at:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (offset === undefined) throw errorResponse(422, 'validation_failed', 'cursor is not valid');
  return Number(offset);
}
