/** Codes of Node's network layer that mean that no connection was made, so that nothing was sent. */
const notConnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$|CERT/;

/** Returns true when the vendor cannot have received the request. */
export const neverSent = (error: unknown): boolean => notConnected.test(codeOf(rootOf(error)) ?? '');

/** Returns the error underneath. Node's fetch throws `fetch failed` and puts the actual error into `cause`. */
export function rootOf(error: unknown): Error {
  const known = errorOf(error);
  return known.cause instanceof Error && codeOf(known) === undefined ? rootOf(known.cause) : known;
}

/** Returns what was thrown as an `Error`. */
export const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Returns Node's code of an error, such as `ECONNRESET`. */
export function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
