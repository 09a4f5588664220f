import { type Answer, ErrorResponse } from '../answer.ts';

/** Returns an error as a response. Error bodies are not documented; other responses use `message` for text. */
export function errorAnswer(status: number, message: string): Answer {
  return { status, json: { message } };
}

/** Creates an error to throw. */
export function errorResponse(status: number, message: string): ErrorResponse {
  return new ErrorResponse(errorAnswer(status, message));
}
