/** The parsed answer of a call together with the HTTP response that it came in. */
export interface AnswerWithResponse<Answer> {
  /** What the method alone would have resolved to. */
  readonly data: Answer;
  /** Status and headers. Its body has been read already. */
  readonly response: Response;
}

/** A promise of the parsed answer that can also give the HTTP response. */
export interface ApiPromise<Answer> extends Promise<Answer> {
  /** The answer together with status and headers, for rate limits, totals and request ids. */
  withResponse(): Promise<AnswerWithResponse<Answer>>;
}

/** Makes an {@link ApiPromise} of a call that is under way. */
export function apiPromise<Answer>(call: Promise<AnswerWithResponse<Answer>>): ApiPromise<Answer> {
  const answer = call.then(({ data }) => data);
  return Object.assign(answer, {
    withResponse: () => {
      // Whoever asks for the response handles the failure there; the promise they did not wait for must not crash Node.
      answer.catch(() => {});
      return call;
    },
  });
}
