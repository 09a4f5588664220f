import { type Answer, Refusal } from '../answer.ts';

/** Most failures are told on a 200. */
export function failure(error: string, status = 200): Answer {
  return { status, json: { success: false, error } };
}

export function refusal(error: string, status = 200): Refusal {
  return new Refusal(failure(error, status));
}
