/** The first of what is listed piece by piece, `limit` at most; no more of it is asked for. */
export async function firstOf<T>(limit: number, listed: AsyncIterable<T>): Promise<readonly T[]> {
  const first: T[] = [];
  for await (const one of listed) {
    first.push(one);
    if (first.length === limit) break;
  }
  return first;
}
