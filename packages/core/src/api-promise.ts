/** The parsed answer of a call with its HTTP response. */
export interface AnswerWithResponse<Answer> {
  /** What the method alone resolves to. */
  readonly data: Answer;
  /** Status and headers. Its body has been read already. */
  readonly response: Response;
}

/** A promise of the parsed answer that can also return the HTTP response. */
export interface ApiPromise<Answer> extends Promise<Answer> {
  /** Resolves to the answer with status and headers, for rate limits, totals, and request ids. */
  withResponse(): Promise<AnswerWithResponse<Answer>>;
}

/** Creates an {@link ApiPromise} of a call under way. */
export function apiPromise<Answer>(call: Promise<AnswerWithResponse<Answer>>): ApiPromise<Answer> {
  const answer = call.then(({ data }) => data);
  return Object.assign(answer, {
    withResponse: () => {
      // The caller handles the failure of `call`. The promise that nobody awaits must not crash Node.
      answer.catch(() => {});
      return call;
    },
  });
}
