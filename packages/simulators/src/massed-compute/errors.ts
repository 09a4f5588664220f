import { type Answer, Refusal } from '../answer.ts';

/** The body of an error is not documented; a `message` is what its other answers use for text. */
export function errorAnswer(status: number, message: string): Answer {
  return { status, json: { message } };
}

export function refusal(status: number, message: string): Refusal {
  return new Refusal(errorAnswer(status, message));
}
