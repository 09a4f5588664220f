import type { ApiErrorCode } from './api-error.ts';
import type { Clock } from './clock.ts';
import { InternalError } from './internal-error.ts';
import { errorOf } from './network-error.ts';
import type { Operation } from './operation.ts';
import { itemsOf } from './pages.ts';
import type { Reply } from './request-context.ts';
import { retryAfterOf } from './retry.ts';

const codeOfStatus: Readonly<Record<number, ApiErrorCode>> = {
  401: 'authentication',
  402: 'funds',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  410: 'not-found',
  429: 'rate-limited',
};

const codeOf = (status: number): ApiErrorCode =>
  codeOfStatus[status] ?? (status >= 500 ? 'server' : status >= 400 ? 'invalid' : 'unreadable');

/** Returns the HTTP status. Browsers hide a redirect that is not followed behind status 0. */
export const statusOf = ({ status }: Response) => status || 302;

/** The longest list that a vendor has been seen to answer has less than 1 MiB. 10,000 instances of Verda have about 9 MiB. */
const maxBodyBytes = 10 * 1024 * 1024;
/** Maximum bytes to read of a failure response. The rest is not needed to explain the failure. */
const maxFailureBytes = 256 * 1024;
/** Maximum bytes of memory for the values of a response. A list of 10,000 Verda instances takes most of it. */
const maxParsedBytes = 32 * 1024 * 1024;
/** Upper bound of the bytes that V8 needs for an object, an array, or another value, which follows a comma. */
const bytesFor: Readonly<Record<string, number>> = { '{': 100, '[': 80, ',': 60 };
/** Maximum number of different property names in a response. V8 needs about 400 bytes for each. */
const maxNames = 20_000;

/**
 * Reads a body up to a limit: a small compressed one may expand to gigabytes. The body of a failure is cut there.
 * @throws {InternalError} `unreadable`
 */
export async function boundedBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const limit = response.ok ? maxBodyBytes : maxFailureBytes;
  let length = 0;
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    length += read.value.byteLength;
    pieces.push(read.value);
    if (length <= limit) continue;
    reader?.cancel().catch(() => {});
    if (response.ok) throw unreadable(response, '', `more than ${maxBodyBytes / 1024 ** 2} MiB`);
    break;
  }
  return joined(pieces, Math.min(length, limit));
}

/** Most bodies come in one piece. A Blob could join the others, but costs as much as a tenth of the request. */
function joined(pieces: readonly Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [only = new Uint8Array()] = pieces;
  if (pieces.length <= 1) return only.subarray(0, length);
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece.subarray(0, length - at), at);
    at += piece.byteLength;
  }
  return body;
}

const decoder = new TextDecoder();

/** Decodes a body as UTF-8. */
export const textOf = (body: Uint8Array) => decoder.decode(body);

/** @throws {Error} The values would take much more memory than the text. */
function checkValues(text: string): void {
  const names = new Set<string>();
  let bytes = 0;
  for (let at = 0; at < text.length && bytes <= maxParsedBytes && names.size <= maxNames; at++) {
    const start = at;
    if (text[at] === '"') at = endOfString(text, at);
    bytes += bytesFor[text[start] ?? ''] ?? 0;
    if (text[at + 1] === ':') names.add(text.slice(start, at));
  }
  if (bytes > maxParsedBytes || names.size > maxNames)
    throw new Error('more values than a list of ten thousand rows has');
}

/** Returns where the closing quote of a JSON string is. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/**
 * Returns the parsed JSON, the text itself when it is not JSON, or undefined when it is empty.
 * @throws {Error} It has too many values.
 */
export function parseBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  if (text.length > maxFailureBytes) checkValues(text);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Returns the failure that a response without a 2xx status means. */
export const errorResponse = ({ response, body }: Reply, clock: Clock) =>
  new InternalError({
    code: codeOf(statusOf(response)),
    response,
    body: parseBody(textOf(body)),
    retryAfterMs: retryAfterOf(response.headers, clock),
  });

/**
 * Reads the body of a 2xx response, with the operation's own reader if it has one. Vendors send JSON and plain text under
 * each other's media types, so the content decides and not the header. A web page is never an answer.
 * @throws {InternalError} `unreadable`
 */
export function readBody(
  { method, pages }: Operation,
  reply: Reply,
  reader: ((text: string) => unknown) | undefined,
): unknown {
  const { response } = reply;
  const text = textOf(reply.body);
  if (/^\s*</.test(text)) throw unreadable(response, text, 'a web page');
  try {
    const value = reader ? reader(text) : readDefault(method, response, text);
    if (pages) itemsOf(pages, value);
    return value;
  } catch (error) {
    throw unreadable(response, text, errorOf(error).message);
  }
}

function readDefault(method: string, { status, headers }: Response, text: string): unknown {
  const value = parseBody(text);
  if (value === undefined && method === 'GET' && status !== 204) throw new Error('an empty body');
  const declared = headers.get('content-type') ?? 'json';
  if (value === text && /json|html|xml/i.test(declared)) throw new Error('a body that is not JSON');
  return value;
}

/** Returns the failure of a response whose status promises more than its body holds. */
function unreadable(response: Response, text: string, instead: string): InternalError {
  const type = response.headers.get('content-type') ?? 'no content type';
  return new InternalError({
    code: 'unreadable',
    what: `was answered ${response.status} with ${instead} (${type})`,
    said: text,
    response,
    body: text || undefined,
  });
}
