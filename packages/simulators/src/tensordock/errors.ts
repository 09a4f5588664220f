import { type Answer, thrown } from '../answer.ts';

/** Returns a failure as a response. Most failures have the status 200. */
export function failure(error: string, status = 200): Answer {
  return { status, json: { success: false, error } };
}

/** Creates a failure to throw. */
export const errorResponse = thrown(failure);
