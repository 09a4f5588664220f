import { type Answer, thrown } from '../answer.ts';

/** Returns an error as a response. Error bodies are not documented; other responses use `message` for text. */
export function errorAnswer(status: number, message: string): Answer {
  return { status, json: { message } };
}

/** Creates an error to throw. */
export const errorResponse = thrown(errorAnswer);
