const mask = '[redacted]';

const secretKey =
  /^(authorization|cookie|passw(or)?d|passphrase|(\w+[_-]?)?(token|secret|api[_-]?key|private[_-]?key|access[_-]?key|account[_-]?key)|docker_config_json|scaleway_uuid|base64_content|value_or_reference_to_secret)$/i;

/** `key=value` in a text: a query, a form body, an environment, or a message that quotes one. */
const secretPair =
  /((?:\b|_)(?:authorization|password|(?:access|refresh|api|jupyter)_?token|client_?secret|(?:api|private|access)_?key)|[A-Z_]TOKEN|[A-Z_]SECRET)(["']?\s*[=:]\s*["']?)(?:bearer\s+)?[^\s&"',;}]+/gi;

const privateKeyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** Shorter values are not masked: replacing every `1` would make texts unreadable and nothing safer. */
const shortestSecret = 4;

/** Deepest nesting of JSON that is walked. Deeper values would overflow the stack. */
const deepest = 64;

/** Masks each of `secrets` in a text, also where it is escaped or cut off at the end, and everything that looks like a secret. */
export function redactText(text: string, secrets: Iterable<string> = []): string {
  const written = [...secrets].flatMap((secret) => (secret.length < shortestSecret ? [] : spellings(secret)));
  let redacted = text.replace(privateKeyBlock, mask);
  // The longest first, since one may be part of another.
  for (const secret of written.sort((one, other) => other.length - one.length)) {
    redacted = redacted.replaceAll(secret, mask);
    const end = cutOff(redacted, secret);
    if (end > 0) redacted = redacted.slice(0, -end) + mask;
  }
  return redacted.replace(secretPair, `$1$2${mask}`);
}

/** Returns a secret as it is, and as written in a URL, in a form, and in JSON. */
function spellings(secret: string): string[] {
  const inForm = new URLSearchParams({ s: secret }).toString().slice(2);
  return [secret, inForm.replaceAll('+', '%20'), inForm, JSON.stringify(secret).slice(1, -1)];
}

/** Returns how many characters of a secret a text ends with, or 0 when they are less than half of it. */
function cutOff(text: string, secret: string): number {
  let length = secret.length - 1;
  while (length * 2 >= secret.length && !text.endsWith(secret.slice(0, length))) length--;
  return length >= shortestSecret && length * 2 >= secret.length ? length : 0;
}

/**
 * Returns a copy of a JSON value that is safe to log or store. Masked are values under the names of secrets (`password`,
 * `api_key`, `access_token` …), the `value` of an object with a `name`, and each of `secrets` wherever it appears.
 */
export function redact(value: unknown, secrets: Iterable<string> = [], above: readonly unknown[] = []): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (typeof value !== 'object' || value === null) return value;
  if (endless(value, above)) return mask;
  const within = [...above, value];
  if (Array.isArray(value)) return value.map((item) => redact(item, secrets, within));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      redactText(key, secrets),
      isSecret(value, key) && item !== null && item !== undefined ? mask : redact(item, secrets, within),
    ]),
  );
}

/** Returns the values under the names of secrets in a request. Responses that repeat them must be masked. */
export function secretsIn(value: unknown, all = false, above: readonly unknown[] = []): string[] {
  if (typeof value !== 'object' || value === null) return all && value ? [String(value)] : [];
  if (endless(value, above)) return [];
  const within = [...above, value];
  return Object.entries(value).flatMap(([key, item]) => secretsIn(item, all || isSecret(value, key), within));
}

/** Returns true for a value that contains itself or is nested too deeply. */
const endless = (value: object, above: readonly unknown[]) => above.length > deepest || above.includes(value);

const isSecret = (owner: object, key: string) => secretKey.test(key) || (key === 'value' && 'name' in owner);
