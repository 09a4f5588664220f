/** The default answer of one operation, from the examples of the vendor's document. */
export interface Example {
  /** HTTP status. */
  readonly status: number;
  /** Media type of the body; absent when there is none. */
  readonly contentType?: string;
  /** The body, parsed where it is JSON. */
  readonly body?: unknown;
}

/** Default answers by operationId. */
export type ExampleTable = Readonly<Record<string, Example>>;
