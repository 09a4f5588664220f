const mask = '[redacted]';

const secretKey =
  /^(authorization|cookie|passw(or)?d|passphrase|(access|refresh|api|auth|jupyter|id)?[_-]?token|(client|webhook|signing)?[_-]?secret|api[_-]?key|private[_-]?key)$/i;

/** The same `key=value` as text: in a query, a form body, or a vendor's message that quotes one. */
const secretPair =
  /\b(authorization|password|(?:access|refresh|api|jupyter)_?token|client_?secret|api_?key|private_?key)(["']?\s*[=:]\s*["']?)(?:bearer\s+)?[^\s&"',;}]+/gi;

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Shorter values are left alone: replacing every `1` would make nothing safer and everything unreadable. */
const shortestSecret = 4;

/** A text without what looks like a secret and without any of `secrets`, also where they are URL-encoded. */
export function redactText(text: string, secrets: Iterable<string> = []): string {
  let redacted = text.replace(privateKeyBlock, mask);
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    redacted = redacted.replaceAll(secret, mask).replaceAll(encodeURIComponent(secret), mask);
  }
  return redacted.replace(secretPair, `$1$2${mask}`);
}

/**
 * A copy of a JSON value that is fit to be logged or stored: values under the names of secrets (`password`,
 * `api_key`, `access_token` …) are masked, and so is each of `secrets` wherever it appears.
 */
export function redact(value: unknown, secrets: Iterable<string> = []): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redact(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      redactText(key, secrets),
      secretKey.test(key) && item !== null && item !== undefined ? mask : redact(item, secrets),
    ]),
  );
}

/** The values in a request that a vendor must not be heard to repeat: those under the names of secrets. */
export function secretsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    typeof item === 'string' ? (secretKey.test(key) ? [item] : []) : secretsIn(item),
  );
}
