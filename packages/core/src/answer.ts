import type { ApiErrorCode } from './api-error.ts';
import { apiError, type Subject, vendorCode, vendorMessage } from './failure.ts';

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

/** The error that an answer without a 2xx status makes. */
export function refusal(subject: Subject, response: Response, body: unknown, retryAfter?: number) {
  const { status, headers } = response;
  const verb = status >= 500 ? 'failed with' : status >= 400 ? 'was refused with' : 'was answered with a redirect,';
  return apiError(subject, {
    ...{ code: codeOf(status), what: `${verb} ${status}`, said: vendorMessage(body), response },
    ...{ vendorCode: vendorCode(body), retryAfter, body },
    ...(headers.has('location') && { cause: new Error(`Location: ${headers.get('location')?.split('?')[0]}`) }),
  });
}

/**
 * Reads the text of a 2xx answer, with the operation's own reader where it has one. Vendors send JSON and bare text
 * under each other's media types, so what it is decides, not what it is called; but a web page is never an answer.
 * @throws ApiError `unreadable`
 */
export function read(
  subject: Subject,
  response: Response,
  text: string,
  reader: ((text: string) => unknown) | undefined,
): unknown {
  if (/^\s*</.test(text)) throw unreadable(subject, response, text, 'a web page');
  try {
    return reader ? reader(text) : readAnswer(subject, response, text);
  } catch (error) {
    throw unreadable(subject, response, text, error instanceof Error ? error.message : String(error));
  }
}

function readAnswer({ method }: Subject, { status, headers }: Response, text: string): unknown {
  const value = parsed(text);
  if (value === undefined && method === 'GET' && status !== 204) throw new Error('nothing');
  const promised = headers.get('content-type') ?? 'json';
  if (value === text && /json|html|xml/i.test(promised)) throw new Error('something that is not JSON');
  return value;
}

/** The error of an answer whose status promises more than its body holds. */
function unreadable(subject: Subject, response: Response, text: string, instead: string) {
  const type = response.headers.get('content-type') ?? 'no content type';
  return apiError(subject, {
    ...{ code: 'unreadable', what: `was answered ${response.status} with ${instead} (${type})`, said: text, response },
    body: text === '' ? undefined : text,
  });
}
