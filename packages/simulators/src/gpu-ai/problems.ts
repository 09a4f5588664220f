import { type Answer, thrown } from '../answer.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
};

/** Returns an RFC 7807 problem as a response. */
export function problem(status: number, code: string, detail: string): Answer {
  const json = {
    type: `urn:gpu-ai:problem:${code}`,
    title: titles[status] ?? 'Error',
    status,
    detail,
    code,
    request_id: `req_${code}`,
  };
  return { status, json, media: 'application/problem+json' };
}

/** Creates an RFC 7807 problem to throw. */
export const errorResponse = thrown(problem);
