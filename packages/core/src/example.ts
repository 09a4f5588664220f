/** The default answer of an operation, from the examples of the vendor's document. */
export interface Example {
  /** HTTP status. */
  readonly status: number;
  /** Media type of the body. Absent when there is no body. */
  readonly contentType?: string;
  /** The body, parsed if it is JSON. */
  readonly body?: unknown;
}

/** Default answers, by operationId. */
export type ExampleTable = Readonly<Record<string, Example>>;
