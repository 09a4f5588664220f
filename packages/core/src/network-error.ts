/** Codes of Node's network layer that mean that no connection was made, so nothing can have been sent. */
const notConnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT/;

/** True when the vendor cannot have seen the request. */
export const neverSent = (error: unknown): boolean => notConnected.test(codeOf(rootOf(error)) ?? '');

/** Node's fetch says `fetch failed` and puts what went wrong into the cause. */
export function rootOf(error: unknown): Error {
  const known = errorOf(error);
  return known.cause instanceof Error && codeOf(known) === undefined ? rootOf(known.cause) : known;
}

/** Anything may be thrown. */
export const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Node's code of an error, `ECONNRESET` for one. */
export function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
