/** Returns the first `limit` items of an async iterable, and requests no more of them. */
export async function firstOf<T>(limit: number, listed: AsyncIterable<T>): Promise<readonly T[]> {
  const first: T[] = [];
  for await (const one of listed) {
    first.push(one);
    if (first.length === limit) break;
  }
  return first;
}
