import { type Answer, ErrorResponse } from '../answer.ts';

/** The body of an error is not documented; a `message` is what its other answers use for text. */
export function errorAnswer(status: number, message: string): Answer {
  return { status, json: { message } };
}

export function errorResponse(status: number, message: string): ErrorResponse {
  return new ErrorResponse(errorAnswer(status, message));
}
