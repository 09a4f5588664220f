import { type Answer, ErrorResponse } from '../answer.ts';

/** Most failures are told on a 200. */
export function failure(error: string, status = 200): Answer {
  return { status, json: { success: false, error } };
}

export function errorResponse(error: string, status = 200): ErrorResponse {
  return new ErrorResponse(failure(error, status));
}
