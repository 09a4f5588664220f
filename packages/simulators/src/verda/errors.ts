import { type Answer, thrown } from '../answer.ts';

/** Error codes and statuses from the introduction of the published document. */
const statuses = {
  invalid_request: 400,
  unauthorized_request: 401,
  insufficient_funds: 402,
  forbidden_action: 403,
  not_found: 404,
  conflict: 409,
  rate_limit_exceeded: 429,
  server_error: 500,
  service_unavailable: 503,
} as const;

/** A documented error code of Verda. */
export type VerdaCode = keyof typeof statuses;

/** Returns an error as a response. */
export function errorAnswer(code: VerdaCode, message: string): Answer {
  return { status: statuses[code], json: { code, message } };
}

/** Creates an error to throw. */
export const errorResponse = thrown(errorAnswer);

export function statusOf(code: VerdaCode): number {
  return statuses[code];
}
