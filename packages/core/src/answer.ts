import type { ApiErrorCode } from './api-error.ts';
import type { Clock } from './clock.ts';
import { Failed } from './failure.ts';
import { errorOf } from './network-error.ts';
import { retryAfterOf } from './retry.ts';

const codeOfStatus: Readonly<Record<number, ApiErrorCode>> = {
  401: 'authentication',
  402: 'payment-required',
  403: 'permission',
  404: 'not-found',
  408: 'timeout',
  409: 'conflict',
  410: 'not-found',
  429: 'rate-limit',
};

const codeOf = (status: number): ApiErrorCode =>
  codeOfStatus[status] ?? (status >= 500 ? 'server' : status >= 400 ? 'validation' : 'unreadable');

/** The parsed JSON, or the text itself where it is none; undefined when empty. */
export function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An answer without a 2xx status. */
export const refusal = (response: Response, text: string, clock: Clock) =>
  new Failed({
    ...{ code: codeOf(response.status), response, body: parsed(text) },
    retryAfter: retryAfterOf(response.headers, clock),
  });

/**
 * Reads the text of a 2xx answer, with the operation's own reader where it has one. Vendors send JSON and bare text
 * under each other's media types, so what it is decides, not what it is called; but a web page is never an answer.
 * @throws Failed `unreadable`
 */
export function read(
  method: string,
  response: Response,
  text: string,
  reader: ((text: string) => unknown) | undefined,
): unknown {
  if (/^\s*</.test(text)) throw unreadable(response, text, 'a web page');
  try {
    return reader ? reader(text) : readAnswer(method, response, text);
  } catch (error) {
    throw unreadable(response, text, errorOf(error).message);
  }
}

function readAnswer(method: string, { status, headers }: Response, text: string): unknown {
  const value = parsed(text);
  if (value === undefined && method === 'GET' && status !== 204) throw new Error('nothing');
  const promised = headers.get('content-type') ?? 'json';
  if (value === text && /json|html|xml/i.test(promised)) throw new Error('something that is not JSON');
  return value;
}

/** An answer whose status promises more than its body holds. */
function unreadable(response: Response, text: string, instead: string): Failed {
  const type = response.headers.get('content-type') ?? 'no content type';
  return new Failed({
    ...{ code: 'unreadable', what: `was answered ${response.status} with ${instead} (${type})`, said: text, response },
    body: text || undefined,
  });
}
